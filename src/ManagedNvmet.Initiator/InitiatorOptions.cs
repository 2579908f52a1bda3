using System.Net;
using ManagedNvmet.Transport.Tcp;

namespace ManagedNvmet.Initiator;

/// <summary>Options of a connection to a subsystem.</summary>
public sealed record InitiatorOptions
{
    /// <summary>Address and TCP port of the target.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>NQN of the subsystem (SUBNQN).</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>NQN of this host (HOSTNQN).</summary>
    public Nqn HostNqn { get; init; } = Nqn.Parse("nqn.2014-08.org.nvmexpress:uuid:6d6e7661-6765-4e76-8d65-742d696e6974");

    /// <summary>Host Identifier (HOSTID).</summary>
    public Guid HostId { get; init; } = new("6d6e7661-6765-4e76-8d65-742d696e6974");

    /// <summary>Number of I/O queues to request. The controller may grant fewer.</summary>
    public int IoQueues { get; init; } = 1;

    /// <summary>Number of entries of each I/O queue, 2 to 65536. Reduced to the controller's maximum (CAP.MQES).</summary>
    public int QueueEntries { get; init; } = 128;

    /// <summary>Keep Alive Timeout in milliseconds; 0 disables keep alive.</summary>
    public uint KeepAliveMilliseconds { get; init; } = 5_000;

    /// <summary>Requests header digests.</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>Requests data digests.</summary>
    public bool DataDigest { get; init; }

    /// <summary>Host PDU Data Alignment (HPDA): number of dwords minus one, 0 to 31.</summary>
    public byte DataAlignment { get; init; }

    /// <summary>Disables submission queue flow control.</summary>
    public bool DisableFlowControl { get; init; }

    /// <summary>Timeout in milliseconds of the TCP connection, and of each response while connecting.</summary>
    public int TimeoutMilliseconds { get; init; } = 10_000;

    /// <summary>Shards that run the queues. The admin queue runs on the first shard, I/O queue n on shard n modulo the number of
    /// shards.</summary>
    public required IReadOnlyList<ShardContext> Shards { get; init; }
}
