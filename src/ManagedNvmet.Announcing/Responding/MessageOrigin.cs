using System.Net;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>Where a message came from.</summary>
/// <param name="Source">Who sent it.</param>
/// <param name="IsMulticast">It was sent to everybody, which no router passes on.</param>
/// <param name="IsOnLink">The sender's address belongs to a network of this link.</param>
internal readonly record struct MessageOrigin(IPEndPoint Source, bool IsMulticast, bool IsOnLink);
