namespace ManagedNvmet.Target.Discovery;

/// <summary>The hosts that have registered with the discovery subsystem.</summary>
/// <remarks>Thread-safe, bounded. A registration stays until it is taken back, whatever becomes of the connection; it gives no right.</remarks>
public sealed class HostRegistrations
{
    private readonly Lock gate = new();
    private readonly Dictionary<Nqn, RegisteredHost> hosts = [];
    private readonly int capacity;
    private ulong generation;

    internal HostRegistrations(int capacity) => this.capacity = capacity;

    /// <summary>The hosts, in no order: a copy.</summary>
    public IReadOnlyList<RegisteredHost> Read()
    {
        lock (gate)
            return [.. hosts.Values];
    }

    /// <summary>What a host has registered, or null; and a number that grows with every change of any.</summary>
    internal RegisteredHost? Find(Nqn host, out ulong current)
    {
        lock (gate)
        {
            current = generation;
            return hosts.GetValueOrDefault(host);
        }
    }

    /// <summary>Registers a host, or registers it anew.</summary>
    /// <returns>False when there is no room for another one.</returns>
    internal bool TryAdd(RegisteredHost host)
    {
        lock (gate)
        {
            if (hosts.Count >= capacity && !hosts.ContainsKey(host.Nqn))
                return false;
            hosts[host.Nqn] = host;
            generation++;
            return true;
        }
    }

    /// <summary>Takes a registration back; nothing happens when there is none.</summary>
    internal void Remove(Nqn host)
    {
        lock (gate)
        {
            if (hosts.Remove(host))
                generation++;
        }
    }
}
