using System.Globalization;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Running;

/// <summary>What is served and what is not: an immutable snapshot.</summary>
internal sealed record RunningStatus(
    IReadOnlyList<Target.Subsystems.Subsystem> Subsystems, IReadOnlyList<NamespaceStatus> Namespaces, IReadOnlyList<PortStatus> Ports)
{
    public static readonly RunningStatus Empty = new([], [], []);

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
        ServedNamespace? served = each.Served is { } ready ? new ServedNamespace(name, ready) : null;
        return new NamespaceStatus(each.Subsystem, each.Configured.Id, each.Configured.Device, each.Configured.IsEnabled, served, each.Reason);
    }
}
