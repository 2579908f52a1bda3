namespace ManagedNvmet.Target.Discovery;

/// <summary>The hosts that have registered with the discovery subsystem.</summary>
/// <remarks>Thread-safe, bounded. A registration stays until it is taken back, whatever becomes of the connection; it gives no right.</remarks>
public sealed class HostRegistrations
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Nqn, RegisteredHost> _hosts = [];
    private readonly int _capacity;
    private ulong _generation;

    internal HostRegistrations(int capacity) => _capacity = capacity;

    /// <summary>The hosts, in no order: a copy.</summary>
    public IReadOnlyList<RegisteredHost> Read()
    {
        lock (_gate)
            return [.. _hosts.Values];
    }

    /// <summary>What a host has registered, or null; and a number that grows with every change of any.</summary>
    internal RegisteredHost? Find(Nqn host, out ulong current)
    {
        lock (_gate)
        {
            current = _generation;
            return _hosts.GetValueOrDefault(host);
        }
    }

    /// <summary>Registers a host, or registers it anew.</summary>
    /// <returns>False when there is no room for another one.</returns>
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

    /// <summary>Takes a registration back; nothing happens when there is none.</summary>
    internal void Remove(Nqn host)
    {
        lock (_gate)
        {
            if (_hosts.Remove(host))
                _generation++;
        }
    }
}
