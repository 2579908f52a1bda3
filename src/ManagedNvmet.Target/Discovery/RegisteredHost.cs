using System.Collections.Immutable;
using System.Net;
using ManagedNvmet.Target.Ports;

namespace ManagedNvmet.Target.Discovery;

/// <summary>A host that has registered with the discovery subsystem: what it says of itself.</summary>
/// <param name="Nqn">The host's name, just as it gave it: to be escaped before it is shown.</param>
/// <param name="HostId">Its host identifier.</param>
/// <param name="Name">Entity Name (ENAME), usually what the machine calls itself; printable ASCII, at most 256 characters.</param>
/// <param name="Version">Entity Version (EVER), usually the operating system; printable ASCII, at most 64 characters.</param>
/// <param name="Addresses">Where it is, 1 to 8 addresses.</param>
/// <param name="Since">When it registered, or registered last.</param>
public sealed record RegisteredHost(
    Nqn Nqn, Guid HostId, string Name, string Version, ImmutableArray<IPAddress> Addresses, DateTimeOffset Since);
