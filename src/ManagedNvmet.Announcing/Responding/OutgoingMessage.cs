using System.Net;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>A message to send.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="Destination">Who alone gets it; null for everybody on the link.</param>
internal sealed record OutgoingMessage(byte[] Bytes, IPEndPoint? Destination);
