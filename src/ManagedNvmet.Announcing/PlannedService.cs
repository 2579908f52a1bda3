namespace ManagedNvmet.Announcing;

/// <summary>The service of a TCP port that is to be announced.</summary>
/// <param name="TcpPort">The TCP port.</param>
/// <param name="Links">Links on which it is announced, in ascending order of interface index; at least one.</param>
internal sealed record PlannedService(int TcpPort, IReadOnlyList<PlannedLink> Links)
{
    public bool IsSame(PlannedService other) => TcpPort == other.TcpPort && Links.Count == other.Links.Count
        && Links.Zip(other.Links).All(pair => pair.First.Link.Index == pair.Second.Link.Index
            && pair.First.Addresses.SequenceEqual(pair.Second.Addresses));
}
