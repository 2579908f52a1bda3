namespace ManagedNvmet.Target.Discovery;

/// <summary>What one discovery controller tells its host: all of it, and what belongs to the port alone that the host reached.</summary>
internal sealed record DiscoveryView(DiscoveryLog All, DiscoveryLog Local)
{
    /// <summary>True when a host would read the same in both.</summary>
    public bool SaysTheSame(DiscoveryView other) =>
        All.Records.SequenceEqual(other.All.Records) && Local.Records.SequenceEqual(other.Local.Records);
}
