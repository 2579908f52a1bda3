using ManagedNvmet.Configuration;

namespace ManagedNvmet.ChangeCost;

/// <summary>A configuration change that the benchmark applies and reverts repeatedly.</summary>
/// <param name="Name">Description for the table.</param>
/// <param name="IsLarge">True for a server with 10 000 other namespaces.</param>
/// <param name="Change">Makes the changed configuration from the initial one; null to change nothing.</param>
/// <param name="IsReloaded">True to apply the change by a reload of the file, false to apply it by the API.</param>
internal sealed record ChangeScenario(
    string Name, bool IsLarge, Func<TargetConfiguration, TargetConfiguration>? Change = null, bool IsReloaded = false)
{
    private const int Many = 100;

    /// <summary>The scenarios, in the order of the table.</summary>
    public static IReadOnlyList<ChangeScenario> All { get; } =
    [
        new("nothing is changed", false),
        new("100 namespaces of another subsystem are added and removed", false,
            with => Other(with, other => other with { Namespaces = Namespaces(Many) })),
        new("a namespace of the same subsystem is added and removed", false, with => with with
        {
            Subsystems = with.Subsystems
                .Select(each => each.Nqn.Equals(TestTarget.Measured) ? WithSecondNamespace(each) : each).ToConfigurationList(),
        }),
        new("100 hosts of another subsystem are added and removed", false, with => Other(
            with with { Hosts = Hosts().Select(host => new HostConfiguration { Nqn = host }).ToConfigurationList() },
            other => other with { AllowedHosts = Hosts() })),
        new("nothing is changed, beside 10 000 namespaces", true),
        new("one namespace of 10 000 is added and removed", true, WithoutLastNamespace),
        new("a file of 10 000 namespaces with one difference is reloaded", true, WithoutLastNamespace, IsReloaded: true),
    ];

    private static TargetConfiguration WithoutLastNamespace(TargetConfiguration with) =>
        Other(with, other => other with { Namespaces = other.Namespaces.SkipLast(1).ToConfigurationList() });

    private static SubsystemConfiguration WithSecondNamespace(SubsystemConfiguration subsystem) => subsystem with
    {
        Namespaces = subsystem.Namespaces.Append(new NamespaceConfiguration { Id = 2, Device = "null:1G" }).ToConfigurationList(),
    };

    // Changes the last subsystem that is not the measured one.
    private static TargetConfiguration Other(TargetConfiguration with, Func<SubsystemConfiguration, SubsystemConfiguration> change)
    {
        SubsystemConfiguration other = with.Subsystems.Last(each => !each.Nqn.Equals(TestTarget.Measured));
        return with with
        {
            Subsystems = with.Subsystems.Select(each => ReferenceEquals(each, other) ? change(each) : each).ToConfigurationList(),
        };
    }

    private static ConfigurationList<NamespaceConfiguration> Namespaces(int count) =>
        Enumerable.Range(1, count).Select(id => new NamespaceConfiguration { Id = (uint)id, Device = "null:1G" }).ToConfigurationList();

    private static ConfigurationList<Nqn> Hosts() =>
        Enumerable.Range(1, Many).Select(number => Nqn.Parse($"nqn.2026-11.io.example:host{number}")).ToConfigurationList();
}
