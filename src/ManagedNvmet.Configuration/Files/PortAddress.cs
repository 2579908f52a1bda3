using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ManagedNvmet.Configuration;

/// <summary>Interprets the address of a port.</summary>
internal static class PortAddress
{
    /// <summary>True for a port that was made and never given an address, which nvmetcli saves with empty values.</summary>
    public static bool IsUnfinished(PortConfiguration port) =>
        port.Address.Length == 0 && (port.TransportType.Length == 0 || IsTcp(port));

    /// <summary>True for a port that this target can serve.</summary>
    public static bool IsTcp(PortConfiguration port) => port.TransportType.Equals("tcp", StringComparison.OrdinalIgnoreCase);

    /// <summary>False for a port that is kept in the file only: another transport, or a secure channel, which there is none of.</summary>
    public static bool IsServed(PortConfiguration port) =>
        IsTcp(port)
            && port.Address.Length != 0
            && port.TransportSecurity == TransportSecurity.None
            && port.TransportRequirement != TransportRequirement.Required;

    /// <summary>Parses an IP address. An interface that does not exist yet is no error here; listening on the address fails then.</summary>
    public static bool TryParse(string address, int port, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;

        // IPAddress parses "1234" as 0.0.4.210.
        bool looksLikeAddress = address.Contains(':', StringComparison.Ordinal) || address.AsSpan().Count('.') == 3;
        bool isPort = port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort;
        if (!looksLikeAddress || !isPort || address.AsSpan().ContainsAny('[', ']', '/')
            || !IPAddress.TryParse(address, out IPAddress? parsed))
        {
            return false;
        }
        endPoint = new IPEndPoint(parsed, port);
        return true;
    }

    /// <summary>True when a process cannot listen on both at the same time. Port 0 means a free port; an IPv6 listener does not accept
    /// IPv4.</summary>
    public static bool Overlap(IPEndPoint left, IPEndPoint right) =>
        left.Port == right.Port && left.Port != 0 && left.AddressFamily == right.AddressFamily
        && (left.Address.Equals(right.Address) || IsWildcard(left.Address) || IsWildcard(right.Address));

    /// <summary>0.0.0.0 or ::.</summary>
    public static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
