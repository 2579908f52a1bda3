using System.Net;
using ManagedNvmet.Transport.Tcp;

namespace ManagedNvmet.Initiator;

/// <summary>Which subsystem to connect to, as whom, and how.</summary>
public sealed record InitiatorOptions
{
    /// <summary>The target's address.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>SUBNQN.</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>HOSTNQN.</summary>
    public Nqn HostNqn { get; init; } = Nqn.Parse("nqn.2014-08.org.nvmexpress:uuid:6d6e7661-6765-4e76-8d65-742d696e6974");

    /// <summary>HOSTID.</summary>
    public Guid HostId { get; init; } = new("6d6e7661-6765-4e76-8d65-742d696e6974");

    /// <summary>Number of I/O queues to ask for; the controller may grant fewer.</summary>
    public int IoQueues { get; init; } = 1;

    /// <summary>Entries of each I/O queue, 2 to 65536; cut to what the controller takes.</summary>
    public int QueueEntries { get; init; } = 128;

    /// <summary>Keep Alive Timeout in milliseconds; 0 for none.</summary>
    public uint KeepAliveMilliseconds { get; init; } = 5_000;

    /// <summary>Ask for header digests.</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>Ask for data digests.</summary>
    public bool DataDigest { get; init; }

    /// <summary>HPDA, in dwords less one, 0 to 31.</summary>
    public byte DataAlignment { get; init; }

    /// <summary>Do without SQ flow control.</summary>
    public bool DisableFlowControl { get; init; }

    /// <summary>Milliseconds to wait for the TCP connection, and for each answer while connecting.</summary>
    public int TimeoutMilliseconds { get; init; } = 10_000;

    /// <summary>The shards that the queues live on, each in turn. The admin queue takes the first.</summary>
    public required IReadOnlyList<ShardContext> Shards { get; init; }
}
