using System.Globalization;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Running;

/// <summary>An immutable snapshot of what is served, and why the rest is not.</summary>
internal sealed record RunningStatus(
    IReadOnlyList<Target.Subsystems.Subsystem> Subsystems, IReadOnlyList<NamespaceStatus> Namespaces, IReadOnlyList<PortStatus> Ports)
{
    public static readonly RunningStatus Empty = new([], [], []);

    /// <summary>A configuration with the serial numbers and identities that are served, where it leaves them out.</summary>
    public TargetConfiguration Effective(TargetConfiguration configuration)
    {
        Dictionary<Nqn, string> serials = Subsystems.ToDictionary(each => each.Nqn, each => each.SerialNumber);
        Dictionary<(Nqn, uint), NamespaceIdentity> identities = Namespaces.Where(each => each.Served is not null)
            .ToDictionary(each => (each.Subsystem, each.Id), each => each.Served!.Namespace.Identity);
        return configuration with
        {
            Subsystems = configuration.Subsystems.Select(subsystem => subsystem with
            {
                SerialNumber = subsystem.SerialNumber ?? serials.GetValueOrDefault(subsystem.Nqn),
                Namespaces =
                    subsystem.Namespaces.Select(each => identities.TryGetValue((subsystem.Nqn, each.Id), out NamespaceIdentity? served)
                    ? each with { Uuid = each.Uuid ?? served.Uuid, Nguid = each.Nguid ?? served.Nguid, Eui64 = each.Eui64 ?? served.Eui64 }
                    : each).ToConfigurationList(),
            }).ToConfigurationList(),
        };
    }

    public static RunningStatus Of(RunningTarget running)
    {
        List<RunningSubsystem> subsystems =
            [.. running.Subsystems.Values.OrderBy(each => each.Configured.Nqn.Text, StringComparer.Ordinal)];
        return new RunningStatus(
            subsystems.ConvertAll(each => each.Served),
            [.. subsystems.SelectMany(each => each.Namespaces.Values).Select(StatusOf)],
            [.. running.Ports.Values.Select(port => new PortStatus(
                port.Configured.Id,
                string.Create(CultureInfo.InvariantCulture, $"{port.Configured.Address} {port.Configured.ServiceId}"),
                port.EndPoint,
                port.Reason,
                port.Configured.IsHiddenInDiscovery))]);
    }

    private static NamespaceStatus StatusOf(RunningNamespace each)
    {
        string name = DeviceSpecification.IsOwn(each.Configured.Device, out string? own) ? own : each.Configured.Device;
        ServedNamespace? served = each.Served is { } ready ? new ServedNamespace(name, ready, each.Opened?.Kind) : null;
        return new NamespaceStatus(
            each.Subsystem, each.Configured.Id, each.Configured.Device, each.Configured.IsEnabled, served, each.Reason);
    }
}
