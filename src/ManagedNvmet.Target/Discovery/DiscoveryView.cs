namespace ManagedNvmet.Target.Discovery;

/// <summary>The log of one discovery controller: all entries, and those of the port to which the host connected.</summary>
internal sealed record DiscoveryView(DiscoveryLog All, DiscoveryLog Local)
{
    /// <summary>Returns true when a host reads the same entries in both.</summary>
    public bool SaysTheSame(DiscoveryView other) =>
        All.Records.SequenceEqual(other.All.Records) && Local.Records.SequenceEqual(other.Local.Records);
}
