using ManagedNvmet.Configuration;

namespace ManagedNvmet.ChangeCost;

/// <summary>What the measured server serves.</summary>
internal static class TestTarget
{
    private const int ManySubsystems = 1000;
    private const int NamespacesOfEach = 10;

    /// <summary>The subsystem that is read from.</summary>
    public static Nqn Measured { get; } = Nqn.Parse("nqn.2026-11.io.example:measured");

    /// <summary>The subsystem that is read from, and one other or a thousand with ten namespaces each.</summary>
    public static TargetConfiguration Make(bool isLarge)
    {
        IEnumerable<SubsystemConfiguration> others = Enumerable.Range(1, isLarge ? ManySubsystems : 1).Select(number => new SubsystemConfiguration
        {
            Nqn = Nqn.Parse($"nqn.2026-11.io.example:other{number}"),
            Namespaces = Enumerable.Range(1, isLarge ? NamespacesOfEach : 0)
                .Select(id => new NamespaceConfiguration { Id = (uint)id, Device = "null:1G" }).ToConfigurationList(),
        });
        SubsystemConfiguration[] all =
        [
            new SubsystemConfiguration
            {
                Nqn = Measured,
                AllowAnyHost = true,
                Namespaces = [new NamespaceConfiguration { Id = 1, Device = "null:1G" }],
            },
            .. others,
        ];
        return new TargetConfiguration
        {
            Subsystems = all.ToConfigurationList(),
            Ports = [new PortConfiguration
            {
                Id = 1,
                Address = "127.0.0.1",
                ServiceId = 0,
                Subsystems = all.Select(each => each.Nqn).ToConfigurationList(),
            }],
        };
    }
}
