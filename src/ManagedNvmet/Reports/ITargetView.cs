namespace ManagedNvmet.Reports;

/// <summary>Reports on the state of a running server.</summary>
/// <remarks>Thread-safe. A call copies counters and never waits for a thread that runs I/O, so that reports do not delay commands. Two
/// calls need not show the same moment.</remarks>
public interface ITargetView
{
    /// <summary>Returns the state of the process and its shards.</summary>
    ServerReport GetServer();

    /// <summary>Returns the ports, in order of PORTID.</summary>
    IReadOnlyList<PortReport> GetPorts();

    /// <summary>Returns the subsystems, in order of NQN.</summary>
    IReadOnlyList<SubsystemReport> GetSubsystems();

    /// <summary>Returns the namespaces, in order of subsystem and NSID.</summary>
    IReadOnlyList<NamespaceReport> GetNamespaces();

    /// <summary>Returns the hosts that are connected or that the configuration names, in order of NQN.</summary>
    IReadOnlyList<HostReport> GetHosts();

    /// <summary>Returns the sessions, in order of their numbers.</summary>
    IReadOnlyList<SessionReport> GetSessions();

    /// <summary>Returns commands, bytes and latencies per host, namespace and operation.</summary>
    IReadOnlyList<IoStatistics> GetStatistics();

    /// <summary>Returns the counts of refusals and the latest refusals.</summary>
    /// <param name="most">Maximum number of latest refusals, 0 to 1000.</param>
    RefusalReport GetRefusals(int most);

    /// <summary>Returns the counters of the transport.</summary>
    TransportCounters GetTransport();
}
