using System.Net;

namespace ManagedNvmet;

/// <summary>A port of the configuration and how it is doing.</summary>
/// <param name="Id">PORTID.</param>
/// <param name="Address">What it was given by.</param>
/// <param name="EndPoint">Where it listens, with the port that was taken; null while it does not.</param>
/// <param name="Reason">Why it does not listen, in a sentence; null when it does.</param>
/// <param name="IsHidden">Hosts that have not reached it are not told of it.</param>
public sealed record PortStatus(ushort Id, string Address, IPEndPoint? EndPoint, string? Reason, bool IsHidden);
