using ManagedNvmet.Configuration;

namespace ManagedNvmet.ChangeCost;

/// <summary>Configuration of the measured server.</summary>
internal static class TestTarget
{
    private const int ManySubsystems = 1000;
    private const int NamespacesPerSubsystem = 10;

    /// <summary>NQN of the subsystem from which the benchmark reads.</summary>
    public static Nqn Measured { get; } = Nqn.Parse("nqn.2026-11.io.example:measured");

    /// <summary>Creates a configuration with the measured subsystem. It also has one empty subsystem, or, if <paramref name="isLarge"/> is
    /// true, a thousand with ten namespaces each.</summary>
    public static TargetConfiguration Make(bool isLarge)
    {
        IEnumerable<SubsystemConfiguration> others = Enumerable.Range(1, isLarge ? ManySubsystems : 1)
            .Select(number => new SubsystemConfiguration
            {
                Nqn = Nqn.Parse($"nqn.2026-11.io.example:other{number}"),
                Namespaces = Enumerable.Range(1, isLarge ? NamespacesPerSubsystem : 0)
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
