namespace ManagedNvmet.Configuration;

/// <summary>A host that subsystems may name as allowed.</summary>
public sealed record HostConfiguration
{
    /// <summary>HOSTNQN.</summary>
    public required Nqn Nqn { get; init; }

    /// <summary>HOSTID that it has to connect with; null for any.</summary>
    public Guid? HostId { get; init; }

    /// <summary>The networks it may connect from, such as 192.0.2.0/24; empty for any.</summary>
    public ConfigurationList<System.Net.IPNetwork> SourceNetworks { get; init; } = [];

    /// <summary>Name of its key for authentication in the file of secrets; null for none.</summary>
    public string? KeyReference { get; init; }

    /// <summary>Name of the controller's key for authentication in the file of secrets; null for none.</summary>
    public string? ControllerKeyReference { get; init; }

    /// <summary>Limits of this host on all its namespaces together.</summary>
    public QualityOfServiceConfiguration? QualityOfService { get; init; }

    /// <summary>Most controllers at a time over all subsystems, discovery included; null for the server's limit.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>Most I/O queues at a time, each of which is a connection; null for the server's limit.</summary>
    public int? MaxQueues { get; init; }

    /// <summary>What the file says besides.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
