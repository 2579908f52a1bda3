using ManagedNvmet.Configuration;

namespace ManagedNvmet.ChangeCost;

/// <summary>A change that is made and taken back again and again.</summary>
/// <param name="Name">What goes on meanwhile.</param>
/// <param name="IsLarge">On a server with 10 000 other namespaces.</param>
/// <param name="Change">What makes the other configuration of the first; null when nothing is changed.</param>
/// <param name="IsReloaded">By way of the file and not of the interface.</param>
internal sealed record ChangeScenario(
    string Name, bool IsLarge, Func<TargetConfiguration, TargetConfiguration>? Change = null, bool IsReloaded = false)
{
    private const int Many = 100;

    /// <summary>The scenarios, in the order of the table.</summary>
    public static IReadOnlyList<ChangeScenario> All { get; } =
    [
        new("nothing is changed", false),
        new("100 namespaces of another subsystem come and go", false, with => Other(with, other => other with { Namespaces = Namespaces(Many) })),
        new("a namespace of the same subsystem comes and goes", false, with => with with
        {
            Subsystems = with.Subsystems.Select(each => each.Nqn.Equals(TestTarget.Measured)
                ? each with { Namespaces = each.Namespaces.Append(new NamespaceConfiguration { Id = 2, Device = "null:1G" }).ToConfigurationList() }
                : each).ToConfigurationList(),
        }),
        new("100 hosts of another subsystem come and go", false, with => Other(
            with with { Hosts = Hosts().Select(host => new HostConfiguration { Nqn = host }).ToConfigurationList() },
            other => other with { AllowedHosts = Hosts() })),
        new("nothing is changed, beside 10 000 namespaces", true),
        new("one namespace of 10 000 comes and goes", true, LastNamespaceGone),
        new("a file of 10 000 namespaces with one difference is reloaded", true, LastNamespaceGone, IsReloaded: true),
    ];

    private static TargetConfiguration LastNamespaceGone(TargetConfiguration with) =>
        Other(with, other => other with { Namespaces = other.Namespaces.SkipLast(1).ToConfigurationList() });

    // The last subsystem that is not the one that is read from.
    private static TargetConfiguration Other(TargetConfiguration with, Func<SubsystemConfiguration, SubsystemConfiguration> change)
    {
        SubsystemConfiguration other = with.Subsystems.Last(each => !each.Nqn.Equals(TestTarget.Measured));
        return with with { Subsystems = with.Subsystems.Select(each => ReferenceEquals(each, other) ? change(each) : each).ToConfigurationList() };
    }

    private static ConfigurationList<NamespaceConfiguration> Namespaces(int count) =>
        Enumerable.Range(1, count).Select(id => new NamespaceConfiguration { Id = (uint)id, Device = "null:1G" }).ToConfigurationList();

    private static ConfigurationList<Nqn> Hosts() =>
        Enumerable.Range(1, Many).Select(number => Nqn.Parse($"nqn.2026-11.io.example:host{number}")).ToConfigurationList();
}
