namespace ManagedNvmet.Announcing;

/// <summary>What is to be announced of a TCP port.</summary>
/// <param name="TcpPort">The port.</param>
/// <param name="Links">Where, and with which addresses; at least one.</param>
internal sealed record PlannedService(int TcpPort, IReadOnlyList<PlannedLink> Links)
{
    public bool IsSame(PlannedService other) => TcpPort == other.TcpPort && Links.Count == other.Links.Count
        && Links.Zip(other.Links).All(pair => pair.First.Link.Index == pair.Second.Link.Index
            && pair.First.Addresses.SequenceEqual(pair.Second.Addresses));
}
