using System.Net;

namespace ManagedNvmet.Announcing;

/// <summary>A link on which a service is announced.</summary>
/// <param name="Link">The link.</param>
/// <param name="Addresses">Addresses of the service that are announced on the link; at least one.</param>
internal sealed record PlannedLink(NetworkLink Link, IReadOnlyList<IPAddress> Addresses);
