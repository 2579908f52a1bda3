namespace ManagedNvmet.Reports;

/// <summary>What can be seen of a server while it runs.</summary>
/// <remarks>Thread-safe. Each call copies counters and never waits for a thread that carries I/O, so that looking delays no command; what
/// two calls return need not be of one moment.</remarks>
public interface ITargetView
{
    /// <summary>The process.</summary>
    ServerReport GetServer();

    /// <summary>Listeners, in the order of their number.</summary>
    IReadOnlyList<PortReport> GetPorts();

    /// <summary>Subsystems, in the order of their names.</summary>
    IReadOnlyList<SubsystemReport> GetSubsystems();

    /// <summary>Namespaces, in the order of subsystem and NSID.</summary>
    IReadOnlyList<NamespaceReport> GetNamespaces();

    /// <summary>Hosts that are connected or named by the configuration, in the order of their names.</summary>
    IReadOnlyList<HostReport> GetHosts();

    /// <summary>Sessions, in the order of their number.</summary>
    IReadOnlyList<SessionReport> GetSessions();

    /// <summary>What was read and written.</summary>
    IReadOnlyList<IoStatistics> GetStatistics();

    /// <summary>What was refused.</summary>
    /// <param name="most">How many of the last ones, 0 to 1000.</param>
    RefusalReport GetRefusals(int most);

    /// <summary>What the transport counted.</summary>
    TransportCounters GetTransport();
}
