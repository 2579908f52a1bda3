using System.Net;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>A service as it is announced on one link.</summary>
/// <param name="TcpPort">TCP port of the service. It identifies the service.</param>
/// <param name="Instance">Service instance name, such as <c>nas port 4420._nvme-disc._tcp.local</c>.</param>
/// <param name="Host">Host name that owns the address records.</param>
/// <param name="Type">Service type.</param>
/// <param name="Texts">Strings of the TXT record.</param>
/// <param name="Addresses">Addresses of the service on this link.</param>
/// <param name="OwnAddresses">Present and earlier addresses of the service on all links. Two links may be the same network; this
/// machine's records with such an address, received back from another link, are no conflict.</param>
internal sealed record LinkService(
    int TcpPort,
    DnsName Instance,
    DnsName Host,
    DnsName Type,
    IReadOnlyList<string> Texts,
    IReadOnlyList<IPAddress> Addresses,
    IReadOnlySet<IPAddress> OwnAddresses)
{
    /// <summary>Returns true when port, instance name and host name are equal. The responder then announces other changes without probing
    /// for the names again.</summary>
    public bool HasSameNames(LinkService other) => TcpPort == other.TcpPort && Instance.Equals(other.Instance) && Host.Equals(other.Host);

    /// <summary>Returns true when all values are equal.</summary>
    public bool IsSame(LinkService other) => HasSameNames(other) && Type.Equals(other.Type) && Texts.SequenceEqual(other.Texts)
        && Addresses.SequenceEqual(other.Addresses) && OwnAddresses.SetEquals(other.OwnAddresses);
}
