using System.Collections.Immutable;
using System.Net;

namespace ManagedNvmet.Target.Ports;

/// <summary>Another discovery subsystem that the discovery log names.</summary>
/// <param name="Address">Its address.</param>
/// <param name="TcpPort">Its TCP port, 1 to 65535; usually 8009 or 4420.</param>
public sealed record Referral(IPAddress Address, int TcpPort)
{
    /// <summary>Its NQN.</summary>
    public Nqn Nqn { get; init; } = Nqn.Discovery;

    /// <summary>PORTID of the port of that discovery subsystem.</summary>
    public ushort PortId { get; init; }

    /// <summary>TREQ bits 1:0.</summary>
    public SecureChannel SecureChannel { get; init; }

    /// <summary>TSAS byte 0.</summary>
    public TransportSecurity Security { get; init; }

    /// <summary>The hosts whose discovery log contains the referral; null for all.</summary>
    public ImmutableHashSet<Nqn>? VisibleTo { get; init; }
}
