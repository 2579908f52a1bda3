using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ana;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Target.Namespaces;

/// <summary>Makes the views of controllers from the namespaces of a subsystem, their access and their limits.</summary>
/// <remarks>Callers hold the subsystem's lock, except for <see cref="All"/>.</remarks>
internal sealed class NamespaceRegistry(Func<Nqn, Throttle?> throttleOfHost)
{
    private readonly Dictionary<uint, NamespaceAccess> _access = [];
    private readonly Dictionary<uint, Throttle> _throttles = [];
    private readonly Dictionary<(uint NamespaceId, Nqn Host), Throttle> _hostThrottles = [];
    private readonly Dictionary<(Nqn? Host, ushort PortId), NamespaceView> _views = [];
    private readonly HashSet<Nqn> _namedHosts = [];
    private volatile NamespaceList _all = NamespaceList.Empty;
    private ulong _version;

    /// <summary>A snapshot of all namespaces. Thread-safe.</summary>
    public NamespaceList All
    {
        get => _all;
        set => _all = value;
    }

    /// <summary>Sets the access to a namespace, which need not exist yet.</summary>
    public void SetAccess(uint namespaceId, NamespaceAccess wanted) =>
        Set(_access, namespaceId, wanted == NamespaceAccess.Everybody ? null : wanted);

    /// <summary>Limits the I/O rate of a namespace for all hosts together; null for no limit.</summary>
    public void SetThrottle(uint namespaceId, QualityOfServiceLimits? limits) => SetThrottle(_throttles, namespaceId, limits);

    /// <summary>Limits the I/O rate of one host on a namespace.</summary>
    public void SetThrottle(uint namespaceId, Nqn host, QualityOfServiceLimits? limits) =>
        SetThrottle(_hostThrottles, (namespaceId, host), limits);

    /// <summary>Discards the views that were made before.</summary>
    public void Invalidate()
    {
        _version++;
        _views.Clear();
        _namedHosts.Clear();
        foreach (NamespaceAccess each in _access.Values)
        {
            _namedHosts.UnionWith(each.ReadOnlyFor);
            if (each.VisibleTo is { } visible)
                _namedHosts.UnionWith(visible);
        }
        foreach ((uint _, Nqn host) in _hostThrottles.Keys)
            _namedHosts.Add(host);
    }

    /// <summary>Returns the view of a host through a port. Hosts without rules or limits share one view.</summary>
    public NamespaceView ViewOf(Nqn host, Port? port)
    {
        Throttle? ofHost = throttleOfHost(host);
        bool isNamed = ofHost is not null || _namedHosts.Contains(host);
        (Nqn?, ushort) key = (isNamed ? host : null, port?.Id ?? 0);
        if (!_views.TryGetValue(key, out NamespaceView? view))
            _views.Add(key, view = Make(host, port, ofHost));
        return view;
    }

    private static void Set<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue? value)
        where TKey : notnull
        where TValue : class
    {
        if (value is null)
            known.Remove(key);
        else
            known[key] = value;
    }

    private static void SetThrottle<TKey>(Dictionary<TKey, Throttle> known, TKey key, QualityOfServiceLimits? limits)
        where TKey : notnull
    {
        // Keeps the existing throttle, so that its waiting commands use the new limits.
        if (known.TryGetValue(key, out Throttle? throttle))
            throttle.SetLimits(limits);
        if (limits is null)
            known.Remove(key);
        else if (throttle is null)
            known.Add(key, new Throttle(limits));
    }

    private NamespaceView Make(Nqn host, Port? port, Throttle? ofHost)
    {
        NamespaceList list = _all;
        var attached = new List<AttachedNamespace>(list.All.Length);
        var groups = new SortedSet<uint> { Namespace.DefaultAnaGroup };
        if (port is not null)
            groups.UnionWith(port.AnaStates.Keys);
        foreach (Namespace each in list.All)
        {
            groups.Add(each.AnaGroup);
            NamespaceAccess rule = _access.GetValueOrDefault(each.Id, NamespaceAccess.Everybody);
            if (rule.VisibleTo is { } visible && !visible.Contains(host))
                continue;
            attached.Add(new AttachedNamespace(
                each,
                each.IsWriteProtected || rule.ReadOnlyFor.Contains(host),
                port?.AnaStateOf(each.AnaGroup) ?? AnaState.Optimized,
                ThrottlesOf(each.Id, host, ofHost)));
        }
        AnaGroup[] states = [.. groups.Select(id => new AnaGroup(id, port?.AnaStateOf(id) ?? AnaState.Optimized))];
        return new NamespaceView([.. attached], states, _version);
    }

    private Throttle[]? ThrottlesOf(uint namespaceId, Nqn host, Throttle? ofHost)
    {
        Throttle? ofNamespace = _throttles.GetValueOrDefault(namespaceId);
        Throttle? ofBoth = _hostThrottles.GetValueOrDefault((namespaceId, host));
        if (ofNamespace is null && ofBoth is null && ofHost is null)
            return null;
        return [.. new[] { ofNamespace, ofBoth, ofHost }.OfType<Throttle>()];
    }
}
