using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Address of a target.</summary>
/// <param name="Host">An IPv4 or IPv6 address, or a host name.</param>
/// <param name="Port">TCP port, 1 to 65535.</param>
public sealed record TargetAddress(string Host, int Port)
{
    /// <summary>The port that IANA assigned to NVMe over Fabrics I/O.</summary>
    public const int DefaultPort = 4420;

    /// <summary>Parses 192.0.2.7, 192.0.2.7:4420, 2001:db8::7, [2001:db8::7]:4420, [fe80::1%eth0]:4420, name or name:4420.</summary>
    /// <exception cref="UsageException">The text has none of these forms.</exception>
    public static TargetAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string host = text;
        string? port = null;
        int bracket = text.IndexOf(']', StringComparison.Ordinal);
        if (text.StartsWith('[') && bracket > 0)
        {
            host = text[1..bracket];
            string rest = text[(bracket + 1)..];
            if (rest.Length > 0 && rest[0] != ':')
                throw Wrong(text);
            port = rest.Length > 0 ? rest[1..] : null;
            if (!IPAddress.TryParse(host, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6)
                throw Wrong(text);
        }
        else if (text.AsSpan().Count(':') == 1)
        {
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            (host, port) = (text[..colon], text[(colon + 1)..]);
        }
        else if (text.Contains(':', StringComparison.Ordinal) && !IPAddress.TryParse(text, out _))
        {
            throw Wrong(text);
        }
        bool isName = !host.Contains(':', StringComparison.Ordinal);
        if (isName && Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw Wrong(text);
        int number = DefaultPort;
        bool isPort = port is null
            || (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= 1 and <= 65_535);
        if (!isPort)
            throw new UsageException($"The port of '{text}' is '{port}', expected 1 to 65535.");
        return new TargetAddress(host, number);
    }

    /// <summary>Resolves the host name and returns its first address.</summary>
    /// <exception cref="UsageException">The name cannot be resolved.</exception>
    public async Task<IPEndPoint> ResolveAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(Host, out IPAddress? address))
            return new IPEndPoint(address, Port);
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(Host, cancellationToken).ConfigureAwait(false);
            if (addresses.Length > 0)
                return new IPEndPoint(addresses[0], Port);
        }
        catch (SocketException)
        {
            // The error below covers an unknown name and a name without an address.
        }
        throw new UsageException($"The name '{Host}' cannot be resolved; give an address such as 192.0.2.7:{DefaultPort}.");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static UsageException Wrong(string text) => new(
        $"'{text}' is not an address; expected a form such as 192.0.2.7:{DefaultPort}, [2001:db8::7]:{DefaultPort} or name:{DefaultPort}.");
}
