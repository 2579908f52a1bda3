namespace ManagedNvmet.Configuration;

/// <summary>The configuration that an operator asks for: hosts, ports and subsystems, as in the file that nvmetcli saves.</summary>
/// <remarks>Two configurations are equal when all their values are equal. Use <see cref="Normalize()"/> to compare lists regardless of
/// their order.</remarks>
public sealed record TargetConfiguration
{
    /// <summary>A configuration without hosts, ports and subsystems.</summary>
    public static readonly TargetConfiguration Empty = new();

    /// <summary>The ports.</summary>
    public ConfigurationList<PortConfiguration> Ports { get; init; } = [];

    /// <summary>The subsystems.</summary>
    public ConfigurationList<SubsystemConfiguration> Subsystems { get; init; } = [];

    /// <summary>The hosts that subsystems may name.</summary>
    public ConfigurationList<HostConfiguration> Hosts { get; init; } = [];

    /// <summary>Attributes of the file that this version does not know.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;

    /// <summary>The same with every list in ascending order of its names or numbers, and without a name that stands twice in a list of
    /// names: two configurations that mean the same are equal then.</summary>
    public TargetConfiguration Normalize() => this with
    {
        Ports = Ports.Select(Normalize).OrderBy(port => port.Id).ToConfigurationList(),
        Subsystems = Subsystems.Select(Normalize).OrderBy(subsystem => subsystem.Nqn.Text, StringComparer.Ordinal).ToConfigurationList(),
        Hosts = Hosts.Select(Normalize).OrderBy(host => host.Nqn.Text, StringComparer.Ordinal).ToConfigurationList(),
    };

    private static PortConfiguration Normalize(PortConfiguration port) => port with
    {
        Subsystems = Sort(port.Subsystems),
        Referrals = port.Referrals.OrderBy(referral => referral.Name, StringComparer.Ordinal).ToConfigurationList(),
        AnaGroups = port.AnaGroups.OrderBy(group => group.Id).ToConfigurationList(),
    };

    private static SubsystemConfiguration Normalize(SubsystemConfiguration subsystem) => subsystem with
    {
        AllowedHosts = Sort(subsystem.AllowedHosts),
        Namespaces = subsystem.Namespaces.Select(Normalize).OrderBy(each => each.Id).ToConfigurationList(),
    };

    private static NamespaceConfiguration Normalize(NamespaceConfiguration each) => each with
    {
        VisibleTo = each.VisibleTo is { } hosts ? Sort(hosts) : null,
        ReadOnlyFor = Sort(each.ReadOnlyFor),
        HostQualityOfService = each.HostQualityOfService.OrderBy(limits => limits.Nqn.Text, StringComparer.Ordinal).ToConfigurationList(),
    };

    private static HostConfiguration Normalize(HostConfiguration host) => host with
    {
        SourceNetworks = host.SourceNetworks.Distinct()
            .OrderBy(network => network.ToString(), StringComparer.Ordinal).ToConfigurationList(),
    };

    private static ConfigurationList<Nqn> Sort(ConfigurationList<Nqn> names) =>
        names.Count < 2 ? names : names.Distinct().OrderBy(name => name.Text, StringComparer.Ordinal).ToConfigurationList();
}
