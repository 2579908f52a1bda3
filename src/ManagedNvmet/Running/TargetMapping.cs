using System.Collections.Immutable;
using System.Net;
using ManagedNvmet.Configuration;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Running;

/// <summary>Converts records of the configuration to the types of the target.</summary>
internal static class TargetMapping
{
    /// <summary>A port that no host can reach. A target without ports would export every subsystem to every connection.</summary>
    public static readonly Port Nowhere = new(ushort.MaxValue, IPAddress.None, 0) { Subsystems = [], IsHidden = true };

    /// <summary>Hosts by their names.</summary>
    public static Dictionary<Nqn, HostConfiguration> HostsOf(TargetConfiguration configuration) =>
        configuration.Hosts.ToDictionary(host => host.Nqn);

    /// <summary>The hosts that may use a subsystem. A named host with a key is refused: it would be let in without authentication, which
    /// this version does not have.</summary>
    public static SubsystemAccess Access(SubsystemConfiguration subsystem, IReadOnlyDictionary<Nqn, HostConfiguration> hosts)
    {
        IEnumerable<HostRule> rules = subsystem.AllowAnyHost
            ? hosts.Values.Where(host => host.HostId is not null || host.SourceNetworks.Count != 0)
                .Select(host => Rule(host) with { RequiresAuthentication = false })
            : subsystem.AllowedHosts.Select(nqn => hosts.TryGetValue(nqn, out HostConfiguration? host) ? Rule(host) : new HostRule(nqn));
        return new SubsystemAccess
        {
            AllowsAnyHost = subsystem.AllowAnyHost,
            Hosts = [.. rules],
            DuplicateHosts = subsystem.DuplicateHosts,
        };
    }

    /// <summary>The options of a new subsystem; its namespaces are added after their access rules are set.</summary>
    public static SubsystemOptions Options(
        SubsystemConfiguration subsystem, string serialNumber, IReadOnlyDictionary<Nqn, HostConfiguration> hosts)
    {
        var options = new SubsystemOptions { Nqn = subsystem.Nqn, SerialNumber = serialNumber };
        return options with
        {
            ModelNumber = subsystem.ModelNumber ?? options.ModelNumber,
            FirmwareRevision = subsystem.FirmwareRevision ?? options.FirmwareRevision,
            Access = Access(subsystem, hosts),
            Limits = Limits(subsystem),
            IsHidden = subsystem.IsHidden,
            MinControllerId = subsystem.ControllerIdMin,
            MaxControllerId = subsystem.ControllerIdMax,
        };
    }

    /// <summary>The limits of a subsystem.</summary>
    public static SubsystemLimits Limits(SubsystemConfiguration subsystem) =>
        new() { MaxControllers = subsystem.MaxControllers, MaxIoQueues = subsystem.MaxQueues };

    /// <summary>The hosts that see a namespace, and those that may only read it.</summary>
    public static NamespaceAccess Access(NamespaceConfiguration each) => each.VisibleTo is null && each.ReadOnlyFor.Count == 0
        ? NamespaceAccess.Everybody
        : new NamespaceAccess
        {
            VisibleTo = each.VisibleTo is { } seers ? [.. seers] : null,
            ReadOnlyFor = [.. each.ReadOnlyFor],
        };

    /// <summary>The limits of a host; null for the server's own limits.</summary>
    public static HostLimits? Limits(HostConfiguration? host, HostLimits standard) =>
        host is null or { MaxControllers: null, MaxQueues: null }
        ? null
        : standard with
        {
            MaxControllers = host.MaxControllers ?? standard.MaxControllers,
            MaxQueues = host.MaxQueues ?? standard.MaxQueues,
        };

    /// <summary>A port that listens.</summary>
    /// <param name="configured">What was asked for.</param>
    /// <param name="endPoint">Where it listens.</param>
    /// <param name="wireId">PORTID, not 0.</param>
    public static Port Port(PortConfiguration configured, IPEndPoint endPoint, ushort wireId) =>
        new(wireId, endPoint.Address, endPoint.Port)
        {
            Subsystems = [.. configured.Subsystems],
            Referrals = [.. configured.Referrals.Select(Referral).OfType<Referral>()],
            SecureChannel = Channel(configured.TransportRequirement),
            IsHidden = configured.IsHiddenInDiscovery,
            AnaStates = configured.AnaGroups.ToImmutableSortedDictionary(group => group.Id, group => group.State),
            MaxConnections = configured.MaxConnections,
            MaxControllers = configured.MaxControllers,
        };

    private static Referral? Referral(ReferralConfiguration configured)
    {
        bool isTold = configured.IsEnabled && configured.TransportType.Equals("tcp", StringComparison.OrdinalIgnoreCase);
        if (!isTold || !PortAddress.TryParse(configured.Address, configured.ServiceId, out IPEndPoint? endPoint) || endPoint.Port == 0)
            return null;
        return new Referral(endPoint.Address, endPoint.Port)
        {
            PortId = configured.PortId,
            SecureChannel = Channel(configured.TransportRequirement),
        };
    }

    private static SecureChannel Channel(TransportRequirement requirement) => requirement switch
    {
        TransportRequirement.Required => SecureChannel.Required,
        TransportRequirement.NotRequired => SecureChannel.NotRequired,
        _ => SecureChannel.NotSpecified,
    };

    private static HostRule Rule(HostConfiguration host) => new(host.Nqn)
    {
        HostId = host.HostId,
        SourceNetworks = host.SourceNetworks.Count == 0 ? null : [.. host.SourceNetworks],
        RequiresAuthentication = host.KeyReference is not null || host.ControllerKeyReference is not null,
    };
}
