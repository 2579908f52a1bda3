namespace ManagedNvmet.Target.Discovery;

/// <summary>The hosts that have registered with the discovery subsystem.</summary>
/// <remarks>Thread-safe. The number of hosts is bounded. A registration outlives the connection until the host removes it. It grants no
/// access.</remarks>
public sealed class HostRegistrations
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Nqn, RegisteredHost> _hosts = [];
    private readonly int _capacity;
    private ulong _generation;

    internal HostRegistrations(int capacity) => _capacity = capacity;

    /// <summary>Returns a copy of the hosts, in no order.</summary>
    public IReadOnlyList<RegisteredHost> Read()
    {
        lock (_gate)
            return [.. _hosts.Values];
    }

    /// <summary>Returns the registration of a host or null, and a number that every change of a registration increases.</summary>
    internal RegisteredHost? Find(Nqn host, out ulong current)
    {
        lock (_gate)
        {
            current = _generation;
            return _hosts.GetValueOrDefault(host);
        }
    }

    /// <summary>Registers a host, or replaces its registration.</summary>
    /// <returns>False when the limit of registered hosts is reached.</returns>
    internal bool TryAdd(RegisteredHost host)
    {
        lock (_gate)
        {
            if (_hosts.Count >= _capacity && !_hosts.ContainsKey(host.Nqn))
                return false;
            _hosts[host.Nqn] = host;
            _generation++;
            return true;
        }
    }

    /// <summary>Removes a registration if it exists.</summary>
    internal void Remove(Nqn host)
    {
        lock (_gate)
        {
            if (_hosts.Remove(host))
                _generation++;
        }
    }
}
