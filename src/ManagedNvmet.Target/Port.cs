using System.Net;

namespace ManagedNvmet.Target;

/// <summary>A listener, as the discovery log page tells of it.</summary>
/// <param name="Id">PORTID, 1 to 65535.</param>
/// <param name="Address">Where it listens; the wildcard address stands for whatever address a host reached.</param>
/// <param name="TcpPort">The TCP port, 1 to 65535; usually 4420.</param>
public sealed record Port(ushort Id, IPAddress Address, int TcpPort);
