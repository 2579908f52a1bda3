using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ManagedNvmet.Announcing;

/// <summary>A network interface that supports multicast.</summary>
/// <param name="Index">The kernel's interface index.</param>
/// <param name="Name">Interface name, such as eth0.</param>
/// <param name="Addresses">Unicast addresses of the interface.</param>
internal sealed record NetworkLink(int Index, string Name, IReadOnlyList<LinkAddress> Addresses)
{
    /// <summary>Returns the interfaces that are up and support multicast, without the loopback interface.</summary>
    /// <exception cref="NetworkInformationException">The system does not report its interfaces.</exception>
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
                [.. properties.UnicastAddresses.Select(unicast => new LinkAddress(WithoutScope(unicast.Address), unicast.PrefixLength))]));
        }
        return links;
    }

    /// <summary>Returns true for an address in a network of this link, which no router separates from it.</summary>
    public bool IsNeighbour(IPAddress address)
    {
        IPAddress unscoped = WithoutScope(address);
        return unscoped.IsIPv6LinkLocal || Addresses.Any(own => own.IsNeighbour(unscoped));
    }

    /// <summary>Returns the address without an IPv6 scope id.</summary>
    public static IPAddress WithoutScope(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;
}
