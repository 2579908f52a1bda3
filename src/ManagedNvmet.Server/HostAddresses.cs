using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ManagedNvmet.Server;

/// <summary>The addresses of this machine that hosts elsewhere can use.</summary>
internal static class HostAddresses
{
    /// <summary>True for 0.0.0.0 and ::.</summary>
    public static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>Unicast addresses of the interfaces that are up, without link-local ones; those of an interface with a gateway
    /// first.</summary>
    public static IReadOnlyList<IPAddress> OfThisMachine()
    {
        try
        {
            return
            [
                .. from network in NetworkInterface.GetAllNetworkInterfaces()
                   where network.OperationalStatus == OperationalStatus.Up
                   let properties = network.GetIPProperties()
                   orderby properties.GatewayAddresses.Count > 0 descending
                   from unicast in properties.UnicastAddresses
                   where !unicast.Address.IsIPv6LinkLocal
                   select unicast.Address,
            ];
        }
        catch (NetworkInformationException)
        {
            // A sandbox may forbid the question. The server serves all the same.
            return [];
        }
    }

    /// <summary>The addresses behind listeners, the best for a host elsewhere first: loopback addresses last, link-local ones before
    /// them.</summary>
    /// <param name="listening">Addresses of listeners; a wildcard stands for every address of its family.</param>
    /// <returns>At least one for each listener.</returns>
    public static IPEndPoint[] Reachable(IEnumerable<IPEndPoint> listening)
    {
        IReadOnlyList<IPAddress> own = OfThisMachine();
        return [.. listening.SelectMany(endPoint => Expand(endPoint, own)).OrderBy(endPoint => Rank(endPoint.Address))];
    }

    private static IEnumerable<IPEndPoint> Expand(IPEndPoint listening, IReadOnlyList<IPAddress> own)
    {
        if (!IsWildcard(listening.Address))
            return [listening];
        IPAddress loopback = listening.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        return own.Where(address => address.AddressFamily == listening.AddressFamily).DefaultIfEmpty(loopback)
            .Select(address => new IPEndPoint(address, listening.Port));
    }

    private static int Rank(IPAddress address) => IPAddress.IsLoopback(address) ? 2 : address.IsIPv6LinkLocal ? 1 : 0;
}
