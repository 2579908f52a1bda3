using System.Globalization;
using System.Net;

namespace ManagedNvmet.Server.Doctor;

/// <summary>The address of a target as a user types it: ADDRESS[:PORT] or NAME[:PORT], an IPv6 address with a port in brackets.</summary>
internal static class TargetAddress
{
    /// <summary>The TCP port of NVMe/TCP subsystems (NVMe/TCP transport specification).</summary>
    public const int DefaultPort = 4420;

    /// <summary>Separates address and port.</summary>
    /// <param name="text">The typed text.</param>
    /// <param name="name">Address without brackets, or name.</param>
    /// <param name="port">1 to 65535.</param>
    /// <returns>False when the text has another form.</returns>
    public static bool TryParse(string text, out string name, out int port)
    {
        port = DefaultPort;
        int end = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        if (end >= 0)
        {
            name = text[1..end];
            return IsIPv6(name) && (end == text.Length - 1 || (text[end + 1] == ':' && TryParsePort(text[(end + 2)..], out port)));
        }
        name = text;
        if (IsIPv6(text))
            return true;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
            name = text[..colon];
        bool isName = Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4;
        return isName && (colon < 0 || TryParsePort(text[(colon + 1)..], out port));
    }

    private static bool IsIPv6(string text) =>
        !text.StartsWith('[') && text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out _);

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
