namespace ManagedNvmet.Protocol.Connection;

/// <summary>Host, controller and queue of a connection, from its Connect command.</summary>
public sealed record QueueIdentity
{
    /// <summary>HOSTNQN.</summary>
    public required Nqn HostNqn { get; init; }

    /// <summary>HOSTID, in the byte order of RFC 4122.</summary>
    public required Guid HostId { get; init; }

    /// <summary>SUBNQN.</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>CNTLID of the controller.</summary>
    public required ushort ControllerId { get; init; }

    /// <summary>QID: 0 for the admin queue.</summary>
    public required int QueueId { get; init; }

    /// <summary>SQSIZE + 1.</summary>
    public required int Entries { get; init; }

    /// <summary>KATO in milliseconds; 0 for none, and for an I/O queue.</summary>
    public required uint KeepAliveMilliseconds { get; init; }
}
