using System.Net;

namespace ManagedNvmet.Announcing;

/// <summary>The addresses to announce on each link. It depends only on the addresses that the server listens on and on the links of the
/// machine.</summary>
/// <param name="Services">One service per TCP port that has an address to announce.</param>
/// <param name="Reasons">The addresses that are not announced, each with the reason as a sentence.</param>
internal sealed record AnnouncementPlan(IReadOnlyList<PlannedService> Services, IReadOnlyDictionary<IPEndPoint, string> Reasons)
{
    /// <summary>Maximum number of announced TCP ports.</summary>
    public const int MaxServices = 64;

    /// <summary>Maximum number of addresses that are announced for one service on one link.</summary>
    public const int MaxAddresses = 16;

    /// <summary>Makes a plan. It announces an address on the link that has the address. For a wildcard address, it announces on each link
    /// that link's addresses of the same family.</summary>
    public static AnnouncementPlan Make(IEnumerable<IPEndPoint> listening, IReadOnlyList<NetworkLink> links)
    {
        var reasons = new Dictionary<IPEndPoint, string>();
        List<PlannedService> services = [];
        foreach (IGrouping<int, IPEndPoint> port in listening.GroupBy(endPoint => endPoint.Port).OrderBy(group => group.Key))
        {
            List<PlannedLink> planned = [];
            foreach (NetworkLink link in links.OrderBy(link => link.Index))
            {
                IPAddress[] addresses = [.. port.SelectMany(endPoint => AddressesOn(link, endPoint.Address)).Distinct().Take(MaxAddresses)];
                if (addresses.Length > 0)
                    planned.Add(new PlannedLink(link, addresses));
            }
            bool isFull = services.Count == MaxServices;
            foreach (IPEndPoint endPoint in port)
            {
                string? reason = isFull && planned.Count > 0 ? $"At most {MaxServices} TCP ports are announced."
                    : ReasonNotAnnounced(endPoint.Address, links);
                if (reason is not null)
                    reasons[endPoint] = reason;
            }
            if (planned.Count > 0 && !isFull)
                services.Add(new PlannedService(port.Key, planned));
        }
        return new AnnouncementPlan(services, reasons);
    }

    private static string? ReasonNotAnnounced(IPAddress address, IReadOnlyList<NetworkLink> links)
    {
        if (IPAddress.IsLoopback(address))
            return "Other machines cannot reach a loopback address.";
        if (links.Any(link => AddressesOn(link, address).Any()))
            return null;
        return IsWildcard(address)
            ? "No interface that is up and supports multicast has an address of this family."
            : "No interface that is up and supports multicast has this address.";
    }

    private static IEnumerable<IPAddress> AddressesOn(NetworkLink link, IPAddress listening)
    {
        if (IPAddress.IsLoopback(listening))
            return [];
        IEnumerable<IPAddress> own = link.Addresses.Select(each => each.Address)
            .Where(each => each.AddressFamily == listening.AddressFamily && !IPAddress.IsLoopback(each));
        if (!IsWildcard(listening))
        {
            bool isElsewhere = listening.IsIPv6LinkLocal && listening.ScopeId != link.Index;
            return isElsewhere ? [] : own.Where(each => each.Equals(NetworkLink.WithoutScope(listening)));
        }

        // Prefers other addresses to IPv6 link-local ones. A connection to those needs the interface's scope id, which most resolvers do
        // not return.
        bool hasOther = link.Addresses.Any(each => !each.Address.IsIPv6LinkLocal);
        return own.Where(each => !each.IsIPv6LinkLocal || !hasOther);
    }

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
