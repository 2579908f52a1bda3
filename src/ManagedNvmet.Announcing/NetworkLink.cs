using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ManagedNvmet.Announcing;

/// <summary>An interface that multicast can be sent on, and its addresses.</summary>
/// <param name="Index">The kernel's number of it.</param>
/// <param name="Name">Such as eth0.</param>
/// <param name="Addresses">Its addresses.</param>
internal sealed record NetworkLink(int Index, string Name, IReadOnlyList<LinkAddress> Addresses)
{
    /// <summary>The links of this machine that are up; the loopback is none.</summary>
    /// <exception cref="NetworkInformationException">The system does not tell.</exception>
    public static IReadOnlyList<NetworkLink> ReadAll()
    {
        List<NetworkLink> links = [];
        foreach (NetworkInterface each in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (each.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown)
                || each.NetworkInterfaceType == NetworkInterfaceType.Loopback || !each.SupportsMulticast)
            {
                continue;
            }
            IPInterfaceProperties properties = each.GetIPProperties();
            links.Add(new NetworkLink(
                properties.GetIPv4Properties().Index,
                each.Name,
                [.. properties.UnicastAddresses.Select(unicast => new LinkAddress(Plain(unicast.Address), unicast.PrefixLength))]));
        }
        return links;
    }

    /// <summary>True for an address that is on this link, and not behind a router.</summary>
    public bool IsNeighbour(IPAddress address)
    {
        IPAddress plain = Plain(address);
        return plain.IsIPv6LinkLocal || Addresses.Any(own => own.IsNeighbour(plain));
    }

    /// <summary>The address without the number of an interface.</summary>
    public static IPAddress Plain(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;
}
