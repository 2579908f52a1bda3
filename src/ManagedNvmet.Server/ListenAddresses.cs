using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Server;

/// <summary>The addresses of --listen.</summary>
internal static class ListenAddresses
{
    private const int DefaultPort = 4420;

    /// <summary>Every address of this machine, for each family that it has.</summary>
    public static IReadOnlyList<IPEndPoint> Everywhere => Socket.OSSupportsIPv6
        ? [new IPEndPoint(IPAddress.Any, DefaultPort), new IPEndPoint(IPAddress.IPv6Any, DefaultPort)]
        : [new IPEndPoint(IPAddress.Any, DefaultPort)];

    /// <summary>This machine only.</summary>
    public static IReadOnlyList<IPEndPoint> Loopback => [new IPEndPoint(IPAddress.Loopback, DefaultPort)];

    /// <exception cref="UsageException">One is no address, or two are the same.</exception>
    public static IReadOnlyList<IPEndPoint> Parse(IEnumerable<string> texts)
    {
        var endPoints = new List<IPEndPoint>();
        foreach (string text in texts)
        {
            IPEndPoint added = Parse(text);
            if (endPoints.Find(other => Overlap(added, other)) is { } other)
            {
                (IPEndPoint wide, IPEndPoint narrow) = IsWildcard(added) ? (added, other) : (other, added);
                throw new UsageException(added.Equals(other)
                    ? $"--listen {added} is given twice; give it once."
                    : $"--listen {wide} covers {narrow} already; give one of them.");
            }
            endPoints.Add(added);
        }
        return endPoints;
    }

    private static IPEndPoint Parse(string text)
    {
        // IPEndPoint.TryParse takes "1234" for 0.0.4.210, and "::1:4420" for an address without a port, which nobody means.
        bool hasBracket = text.StartsWith('[');
        if (!hasBracket && text.AsSpan().Count(':') > 1)
        {
            throw new UsageException(
                $"--listen: '{text}' lacks the brackets of IPv6; expected such as [::1]:{DefaultPort} or [::]:{DefaultPort}.");
        }
        bool looksLikeAddress = hasBracket || text.AsSpan().Count('.') == 3;
        if (!looksLikeAddress || !IPEndPoint.TryParse(text, out IPEndPoint? endPoint))
        {
            throw new UsageException($"--listen: '{text}' is no address; expected an address and a port, such as 192.0.2.7:{DefaultPort}, "
                + $"0.0.0.0:{DefaultPort} or [::]:{DefaultPort}.");
        }
        if (endPoint.Address.IsIPv6LinkLocal && endPoint.Address.ScopeId == 0)
        {
            throw new UsageException(
                $"--listen: {endPoint.Address} is link-local and needs an interface, such as [{endPoint.Address}%eth0]:{DefaultPort}.");
        }
        bool hasPort = hasBracket ? text.Contains("]:", StringComparison.Ordinal) : text.Contains(':', StringComparison.Ordinal);
        if (!hasPort)
            endPoint.Port = DefaultPort;
        return endPoint;
    }

    // Port 0 takes a free one each time. The listeners of IPv6 take no IPv4.
    private static bool Overlap(IPEndPoint left, IPEndPoint right) =>
        left.Port == right.Port && left.Port != 0 && left.AddressFamily == right.AddressFamily
        && (left.Address.Equals(right.Address) || IsWildcard(left) || IsWildcard(right));

    private static bool IsWildcard(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);
}
