namespace ManagedNvmet.Management.Api;

/// <summary>Numbers of the objects of a server.</summary>
/// <param name="Ports">Configured ports.</param>
/// <param name="PortsDown">Ports on which the server does not listen.</param>
/// <param name="Subsystems">Subsystems.</param>
/// <param name="Namespaces">Namespaces.</param>
/// <param name="NamespacesNotReady">Namespaces whose device is missing or cannot be opened.</param>
/// <param name="Hosts">Hosts that are connected, or that the configuration names.</param>
/// <param name="HostsConnected">Hosts that are connected.</param>
/// <param name="Sessions">Sessions: controllers that hosts have created.</param>
public sealed record OverviewCounts(
    int Ports, int PortsDown, int Subsystems, int Namespaces, int NamespacesNotReady, int Hosts, int HostsConnected, int Sessions);
