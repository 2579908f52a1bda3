using ManagedNvmet.Configuration;
using ManagedNvmet.Target;

namespace ManagedNvmet.Running;

/// <summary>What a configuration means to the target: records become its own types.</summary>
internal static class TargetMapping
{
    /// <summary>The hosts that may connect; null for any. A host with a key is left out, since it would be let in without one.</summary>
    public static IReadOnlyCollection<Nqn>? AllowedHosts(SubsystemConfiguration subsystem, IReadOnlyDictionary<Nqn, HostConfiguration> hosts)
    {
        if (subsystem.AllowAnyHost)
            return null;
        return [.. subsystem.AllowedHosts.Where(nqn => !hosts.TryGetValue(nqn, out HostConfiguration? host) || !NeedsKey(host))];
    }

    /// <summary>What a subsystem is made with.</summary>
    public static SubsystemOptions Options(
        SubsystemConfiguration subsystem, string serialNumber, IReadOnlyDictionary<Nqn, HostConfiguration> hosts, List<Namespace> namespaces)
    {
        var options = new SubsystemOptions { Nqn = subsystem.Nqn, SerialNumber = serialNumber };
        return options with
        {
            ModelNumber = subsystem.ModelNumber ?? options.ModelNumber,
            FirmwareRevision = subsystem.FirmwareRevision ?? options.FirmwareRevision,
            AllowedHosts = AllowedHosts(subsystem, hosts),
            Namespaces = namespaces,
        };
    }

    /// <summary>Hosts by their names.</summary>
    public static Dictionary<Nqn, HostConfiguration> HostsOf(TargetConfiguration configuration) =>
        configuration.Hosts.ToDictionary(host => host.Nqn);

    private static bool NeedsKey(HostConfiguration host) => host.KeyReference is not null || host.ControllerKeyReference is not null;
}
