using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ManagedNvmet.Server.Doctor;

/// <summary>From the name of a target to an open connection.</summary>
internal static class NetworkChecks
{
    private const int EthernetMtu = 1500;
    private const int JumboMtu = 9000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The address behind a name; null when there is none.</summary>
    public static async Task<IPEndPoint?> ResolveAsync(string text, int port, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            findings.Add(Finding.Good("address", $"{address}, TCP port {port}."));
            return new IPEndPoint(address, port);
        }
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(text, cancellationToken).ConfigureAwait(false);
            findings.Add(Finding.Good("address",
                $"{text} is {string.Join(", ", addresses.Select(each => each.ToString()))}; the first one is used."));
            return new IPEndPoint(addresses[0], port);
        }
        catch (SocketException exception)
        {
            findings.Add(Finding.Bad("address", $"{text} has no address: {exception.Message}.",
                "Give an IP address, or put the name in the DNS or /etc/hosts."));
            return null;
        }
    }

    /// <summary>Whether TCP connects, and how long that takes.</summary>
    public static async Task<bool> ReachAsync(IPEndPoint target, List<Finding> findings, CancellationToken cancellationToken)
    {
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        long begun = TimeProvider.System.GetTimestamp();
        try
        {
            await socket.ConnectAsync(target, patience.Token).ConfigureAwait(false);
            double milliseconds = TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds;
            findings.Add(Finding.Good("port", string.Create(CultureInfo.InvariantCulture, $"TCP connects in {milliseconds:0.0} ms.")));
            CheckMtu(((IPEndPoint)socket.LocalEndPoint!).Address, findings);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            findings.Add(Finding.Bad("port", $"Nothing answers within {Patience.TotalSeconds:0} s: the packets are dropped.",
                "A firewall on the way, or a wrong address. On the target: nft list ruleset; open it with 'nft add rule inet filter "
                    + $"input tcp dport {target.Port} accept'."));
        }
        catch (SocketException exception)
        {
            findings.Add(exception.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => Finding.Bad("port", $"{target} refuses the connection: nothing listens there.",
                    "Start the target, or look at its --listen addresses: 'ss -tln' on the target shows who listens."),
                SocketError.HostUnreachable or SocketError.NetworkUnreachable => Finding.Bad("port",
                    $"There is no way to {target.Address}: {exception.Message}.",
                    $"Look at the routes: ip route get {target.Address}; a firewall that rejects looks the same."),
                _ => Finding.Bad("port", $"TCP does not connect: {exception.Message}.",
                    "Look at the address, and at the firewalls on the way."),
            });
        }
        return false;
    }

    private static void CheckMtu(IPAddress local, List<Finding> findings)
    {
        try
        {
            NetworkInterface? used = NetworkInterface.GetAllNetworkInterfaces()
                .FirstOrDefault(each => each.GetIPProperties().UnicastAddresses.Any(unicast => unicast.Address.Equals(local)));
            if (used is null)
                return;
            string path = $"/sys/class/net/{used.Name}/mtu";
            if (!File.Exists(path) || !int.TryParse(File.ReadAllText(path), NumberStyles.None | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out int mtu))
                return;
            findings.Add(mtu < EthernetMtu
                ? Finding.Hint("mtu", $"{used.Name} has an MTU of {mtu}, less than the {EthernetMtu} of Ethernet.",
                    "A tunnel? Then every switch and host on the way needs the same or more.")
                : mtu < JumboMtu
                    ? Finding.Hint("mtu", $"{used.Name} has an MTU of {mtu}.",
                        $"With {JumboMtu} on every host and switch on the way, large transfers cost less; a mixture loses packets.")
                    : Finding.Good("mtu", $"{used.Name} has an MTU of {mtu}."));
        }
        catch (Exception exception) when (exception is NetworkInformationException or IOException or UnauthorizedAccessException)
        {
            findings.Add(Finding.Hint("mtu", $"It could not be looked at: {exception.Message}"));
        }
    }
}
