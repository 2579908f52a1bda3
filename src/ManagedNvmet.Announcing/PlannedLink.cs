using System.Net;

namespace ManagedNvmet.Announcing;

/// <summary>What a link is told of a service.</summary>
/// <param name="Link">The link.</param>
/// <param name="Addresses">Where hosts on it reach the service; at least one.</param>
internal sealed record PlannedLink(NetworkLink Link, IReadOnlyList<IPAddress> Addresses);
