using System.Net;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>A message to send.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="Destination">Receiver of a unicast message; null for the multicast group.</param>
internal sealed record OutgoingMessage(byte[] Bytes, IPEndPoint? Destination);
