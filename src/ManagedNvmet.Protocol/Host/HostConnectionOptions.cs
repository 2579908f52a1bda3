using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Protocol.Host;

/// <summary>Options of a host's connection.</summary>
public sealed record HostConnectionOptions
{
    /// <summary>Ask for header digests.</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>Ask for data digests.</summary>
    public bool DataDigest { get; init; }

    /// <summary>HPDA: alignment of the data in C2HData PDUs in dwords less one, 0 to 31.</summary>
    public byte DataAlignment { get; init; }

    /// <summary>Commands that may be outstanding: SQSIZE with SQ flow control, SQSIZE + 1 without. 1 to 65535.</summary>
    public int QueueDepth { get; init; } = 31;

    /// <summary>Most bytes of in-capsule data, until <see cref="HostConnection.InCapsuleBytes"/> is set from Identify Controller.</summary>
    public int InCapsuleBytes { get; init; } = ConnectionLimits.AdminInCapsuleBytes;

    /// <summary>Milliseconds to wait for ICResp.</summary>
    public int HandshakeMilliseconds { get; init; } = 10_000;
}
