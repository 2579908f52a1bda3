using System.Net;

namespace ManagedNvmet.Announcing;

/// <summary>Which addresses are announced where: a function of the addresses that are listened on and of the links of the machine.</summary>
internal sealed record AnnouncementPlan(IReadOnlyList<PlannedService> Services, IReadOnlyDictionary<IPEndPoint, string> Reasons)
{
    /// <summary>TCP ports that are announced, at most.</summary>
    public const int MaxServices = 64;

    /// <summary>Addresses of a service that one link is told of, at most.</summary>
    public const int MaxAddresses = 16;

    /// <summary>Makes a plan. An address is announced on its own link only, and a wildcard on every link with the addresses of that link
    /// in its family.</summary>
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
                string? reason = isFull && planned.Count > 0 ? $"No more than {MaxServices} TCP ports are announced."
                    : WhyNot(endPoint.Address, links);
                if (reason is not null)
                    reasons[endPoint] = reason;
            }
            if (planned.Count > 0 && !isFull)
                services.Add(new PlannedService(port.Key, planned));
        }
        return new AnnouncementPlan(services, reasons);
    }

    private static string? WhyNot(IPAddress address, IReadOnlyList<NetworkLink> links)
    {
        if (IPAddress.IsLoopback(address))
            return "It can be reached from this machine only.";
        if (links.Any(link => AddressesOn(link, address).Any()))
            return null;
        return IsWildcard(address)
            ? "No interface that is up and knows multicast has an address of its family."
            : "No interface that is up and knows multicast has this address.";
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
            return isElsewhere ? [] : own.Where(each => each.Equals(NetworkLink.Plain(listening)));
        }

        // Who resolves a name rarely keeps the interface with a link-local address, and cannot connect without it.
        bool hasOther = link.Addresses.Any(each => !each.Address.IsIPv6LinkLocal);
        return own.Where(each => !each.IsIPv6LinkLocal || !hasOther);
    }

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
