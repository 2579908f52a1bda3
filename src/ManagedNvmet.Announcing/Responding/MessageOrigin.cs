using System.Net;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>Origin of a received message.</summary>
/// <param name="Source">Address and port of the sender.</param>
/// <param name="IsMulticast">True when it was sent to the multicast group. No router forwards such messages.</param>
/// <param name="IsOnLink">True when the sender's address belongs to a network of this link.</param>
internal readonly record struct MessageOrigin(IPEndPoint Source, bool IsMulticast, bool IsOnLink);
