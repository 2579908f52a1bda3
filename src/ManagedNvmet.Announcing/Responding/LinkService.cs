using System.Net;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>A service as one link is told of it.</summary>
/// <param name="TcpPort">Where it listens; one service a port.</param>
/// <param name="Instance">Its name, such as <c>nas port 4420._nvme-disc._tcp.local</c>.</param>
/// <param name="Host">The name of its addresses.</param>
/// <param name="Type">The type of service.</param>
/// <param name="Texts">What its text record says.</param>
/// <param name="Addresses">Where hosts on this link reach it.</param>
/// <param name="OwnAddresses">Its addresses on all links: another link may be the same network, and our own answers there are no
/// conflict.</param>
internal sealed record LinkService(
    int TcpPort,
    DnsName Instance,
    DnsName Host,
    DnsName Type,
    IReadOnlyList<string> Texts,
    IReadOnlyList<IPAddress> Addresses,
    IReadOnlySet<IPAddress> OwnAddresses)
{
    /// <summary>The same names: what changes besides is told without asking for the names again.</summary>
    public bool HasNamesOf(LinkService other) => TcpPort == other.TcpPort && Instance.Equals(other.Instance) && Host.Equals(other.Host);

    /// <summary>Nothing of it has changed.</summary>
    public bool IsSame(LinkService other) => HasNamesOf(other) && Type.Equals(other.Type) && Texts.SequenceEqual(other.Texts)
        && Addresses.SequenceEqual(other.Addresses) && OwnAddresses.SetEquals(other.OwnAddresses);
}
