using System.Collections.Immutable;
using System.Net;

namespace ManagedNvmet.Target.Discovery;

/// <summary>A host that has registered with the discovery subsystem, as it describes itself.</summary>
/// <param name="Nqn">The host NQN, not escaped. Escape it before showing it.</param>
/// <param name="HostId">Its host identifier.</param>
/// <param name="Name">Entity Name (ENAME), usually the name of the machine; printable ASCII, at most 256 characters.</param>
/// <param name="Version">Entity Version (EVER), usually the operating system; printable ASCII, at most 64 characters.</param>
/// <param name="Addresses">Its addresses, 1 to 8.</param>
/// <param name="Since">The time of its last registration.</param>
public sealed record RegisteredHost(
    Nqn Nqn, Guid HostId, string Name, string Version, ImmutableArray<IPAddress> Addresses, DateTimeOffset Since);
