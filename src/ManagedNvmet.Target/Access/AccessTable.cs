using System.Net;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Access;

/// <summary>A <see cref="SubsystemAccess"/> made ready for being asked. Immutable.</summary>
internal sealed class AccessTable
{
    private readonly bool _allowsAnyHost;
    private readonly Dictionary<Nqn, List<HostRule>> _rules = [];

    public AccessTable(SubsystemAccess access)
    {
        _allowsAnyHost = access.AllowsAnyHost;
        DuplicateHosts = access.DuplicateHosts;
        foreach (HostRule rule in access.Hosts)
        {
            if (!_rules.TryGetValue(rule.Nqn, out List<HostRule>? known))
                _rules.Add(rule.Nqn, known = []);
            known.Add(rule);
        }
    }

    public DuplicateHostPolicy DuplicateHosts { get; }

    /// <summary>True when a host of this name can be let in, with the right identifier and from the right network.</summary>
    public bool Names(Nqn host) =>
        _rules.TryGetValue(host, out List<HostRule>? known) ? known.Exists(rule => !rule.RequiresAuthentication) : _allowsAnyHost;

    /// <summary>Judges a host.</summary>
    /// <param name="host">HOSTNQN of the connecting host.</param>
    /// <param name="hostId">HOSTID of the connecting host, 16 bytes.</param>
    /// <param name="source">The remote address; null when the host did not connect over a network. Such a host runs on this machine, and
    /// every source network allows it.</param>
    public RefusalReason Check(Nqn host, ReadOnlySpan<byte> hostId, IPAddress? source)
    {
        if (!_rules.TryGetValue(host, out List<HostRule>? known))
            return _allowsAnyHost ? RefusalReason.None : RefusalReason.HostNotAllowed;
        var id = new Guid(hostId, bigEndian: true);
        var reason = RefusalReason.HostIdNotAllowed;
        foreach (HostRule rule in known)
        {
            if (rule.HostId is { } expected && expected != id)
                continue;
            if (rule.SourceNetworks is { } networks && source is not null && !IsIn(networks, source))
                reason = RefusalReason.SourceNotAllowed;
            else if (!rule.RequiresAuthentication)
                return RefusalReason.None;
            else
                reason = RefusalReason.AuthenticationUnsupported;
        }
        return reason;
    }

    private static bool IsIn(IReadOnlyCollection<IPNetwork> networks, IPAddress source)
    {
        IPAddress plain = Addresses.Plain(source);
        foreach (IPNetwork network in networks)
        {
            if (network.Contains(plain))
                return true;
        }
        return false;
    }
}
