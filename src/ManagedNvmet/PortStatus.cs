using System.Net;

namespace ManagedNvmet;

/// <summary>The state of a port of the configuration.</summary>
/// <param name="Id">PORTID.</param>
/// <param name="Address">The configured address.</param>
/// <param name="EndPoint">The address and actual TCP port on which it listens; null while it does not listen.</param>
/// <param name="Reason">The reason, as a sentence, why it does not listen; null when it does.</param>
/// <param name="IsHidden">True when the discovery log pages of other ports do not contain it.</param>
public sealed record PortStatus(ushort Id, string Address, IPEndPoint? EndPoint, string? Reason, bool IsHidden);
