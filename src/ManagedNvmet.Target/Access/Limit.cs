using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Access;

/// <summary>One limit of connections, controllers or queues: a closed set, one row for each.</summary>
/// <remarks>The columns for the owner of the limited resource, its share and its deadline are added with the rules against abuse.</remarks>
public sealed class Limit
{
    private Limit(RefusalReason reason, string setting, string detail)
    {
        Reason = reason;
        Setting = setting;
        Detail = detail;
    }

    /// <summary>Connections of the target.</summary>
    public static Limit Connections { get; } = new(RefusalReason.TooManyConnections, "TargetLimits.MaxConnections",
        "the target has as many connections as it may have");

    /// <summary>Connections from one address.</summary>
    public static Limit ConnectionsOfAddress { get; } =
        new(RefusalReason.TooManyConnectionsOfAddress, "TargetLimits.MaxConnectionsPerAddress",
        "the address has as many connections as it may have");

    /// <summary>Connections through one port.</summary>
    public static Limit ConnectionsOfPort { get; } =
        new(RefusalReason.TooManyConnectionsOfPort, "managed_nvmet.max_connections of the port",
        "the port has as many connections as it may have");

    /// <summary>Controllers of one subsystem.</summary>
    public static Limit ControllersOfSubsystem { get; } =
        new(RefusalReason.TooManyControllers, "managed_nvmet.max_controllers of the subsystem, and TargetLimits.MaxControllers",
        "the subsystem has as many controllers as it may have");

    /// <summary>Controller identifiers of one subsystem.</summary>
    public static Limit ControllerIdsOfSubsystem { get; } =
        new(RefusalReason.TooManyControllers, "attr.cntlid_min and attr.cntlid_max of the subsystem",
        "every controller identifier is in use");

    /// <summary>Controllers that connected through one port.</summary>
    public static Limit ControllersOfPort { get; } =
        new(RefusalReason.TooManyControllersOfPort, "managed_nvmet.max_controllers of the port",
        "the port has as many controllers as it may have");

    /// <summary>Controllers of one host.</summary>
    public static Limit ControllersOfHost { get; } =
        new(RefusalReason.TooManyControllersOfHost, "managed_nvmet.max_controllers of the host",
        "the host has as many controllers as it may have");

    /// <summary>I/O queues of one controller: what Number of Queues grants.</summary>
    public static Limit IoQueuesOfController { get; } =
        new(RefusalReason.TooManyQueues, "attr.qid_max of the subsystem, and TargetLimits.MaxIoQueues",
        "the host was not granted as many I/O queues");

    /// <summary>I/O queues of one subsystem.</summary>
    public static Limit IoQueuesOfSubsystem { get; } = new(RefusalReason.TooManyQueues, "managed_nvmet.max_queues of the subsystem",
        "the subsystem has as many I/O queues as it may have");

    /// <summary>I/O queues of one host.</summary>
    public static Limit IoQueuesOfHost { get; } = new(RefusalReason.TooManyQueues, "managed_nvmet.max_queues of the host",
        "the host has as many I/O queues as it may have");

    /// <summary>Entries of the I/O queues of one host.</summary>
    public static Limit QueueEntriesOfHost { get; } = new(RefusalReason.TooManyEntriesOfHost, "HostLimits.MaxQueueEntries",
        "the I/O queues of the host have as many entries as they may have together");

    /// <summary>The reason of the refusals that it leads to.</summary>
    public RefusalReason Reason { get; }

    /// <summary>The identity of the setting that changes it.</summary>
    public string Setting { get; }

    /// <summary>The refusal in words.</summary>
    public string Detail { get; }
}
