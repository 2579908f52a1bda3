using System.Net;

namespace ManagedNvmet.Target.Access;

/// <summary>Records that two hosts with the same host NQN were connected at the same time.</summary>
public sealed record DuplicateHost
{
    /// <summary>The time when the second host connected.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The host NQN of both, escaped for a log.</summary>
    public required string HostNqn { get; init; }

    /// <summary>The subsystem to which the second host connected.</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>The remote address and port of the host that was already connected.</summary>
    public IPEndPoint? FirstEndPoint { get; init; }

    /// <summary>The host identifier of the host that was already connected.</summary>
    public required Guid FirstHostId { get; init; }

    /// <summary>The remote address and port of the second host.</summary>
    public IPEndPoint? SecondEndPoint { get; init; }

    /// <summary>The host identifier of the second host.</summary>
    public required Guid SecondHostId { get; init; }

    /// <summary>True when the second host was refused.</summary>
    public required bool WasFenced { get; init; }
}
