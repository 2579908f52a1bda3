using System.Net;
using ManagedNvmet.Target.Ports;

namespace ManagedNvmet.Target.Discovery;

/// <summary>The fields of one entry of the discovery log page.</summary>
/// <param name="Kind">SUBTYPE.</param>
/// <param name="Nqn">SUBNQN.</param>
/// <param name="Address">TRADDR.</param>
/// <param name="TcpPort">TRSVCID.</param>
/// <param name="PortId">PORTID.</param>
/// <param name="SecureChannel">TREQ bits 1:0.</param>
/// <param name="Security">TSAS byte 0.</param>
/// <param name="Flags">EFLAGS.</param>
internal readonly record struct DiscoveryRecord(
    DiscoveryRecordKind Kind,
    Nqn Nqn,
    IPAddress Address,
    int TcpPort,
    ushort PortId,
    SecureChannel SecureChannel,
    TransportSecurity Security,
    ushort Flags)
{
    /// <summary>ADRFAM: 1 for IPv4, 2 for IPv6.</summary>
    public byte AddressFamily => (byte)(Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 1 : 2);

    /// <summary>Makes the entry of a subsystem at a local address.</summary>
    public static DiscoveryRecord Of(DiscoveryRecordKind kind, Nqn nqn, DiscoveryAddress address, ushort flags = 0) => new(
        kind, nqn, address.Address, address.Port.TcpPort, address.Port.Id, address.Port.SecureChannel, address.Port.Security, flags);
}
