namespace ManagedNvmet.Management.Api;

/// <summary>How many there are.</summary>
/// <param name="Ports">Listeners.</param>
/// <param name="PortsDown">Those that are not listened on.</param>
/// <param name="Subsystems">Subsystems.</param>
/// <param name="Namespaces">Namespaces.</param>
/// <param name="NamespacesNotReady">Those whose device is not there.</param>
/// <param name="Hosts">Hosts that are connected or named.</param>
/// <param name="HostsConnected">Hosts that are connected.</param>
/// <param name="Sessions">Sessions.</param>
public sealed record OverviewCounts(
    int Ports, int PortsDown, int Subsystems, int Namespaces, int NamespacesNotReady, int Hosts, int HostsConnected, int Sessions);
