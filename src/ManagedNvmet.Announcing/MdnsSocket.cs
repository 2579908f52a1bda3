using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing;

/// <summary>The multicast DNS socket of one address family. It serves all links.</summary>
internal sealed class MdnsSocket : IDisposable
{
    public const int Port = 5353;

    // Linux values of SOL_SOCKET, SO_REUSEADDR, SO_REUSEPORT, IPPROTO_IPV6 and IPV6_UNICAST_HOPS. .NET has no names for some of them.
    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;
    private const int ReusePort = 15;
    private const int V6Level = 41;
    private const int UnicastHops = 16;

    // RFC 6762, "Source Address Check": all multicast DNS messages are sent with an IP TTL of 255.
    private const int HopLimit = 255;

    private static readonly IPAddress GroupV4 = IPAddress.Parse("224.0.0.251");
    private static readonly IPAddress GroupV6 = IPAddress.Parse("ff02::fb");

    private readonly Socket _socket;
    private readonly bool _isV6;
    private readonly HashSet<int> _joined = [];

    /// <summary>Opens the socket on UDP port 5353.</summary>
    /// <exception cref="SocketException">Another program holds the port exclusively, or the machine does not support the address
    /// family.</exception>
    public MdnsSocket(AddressFamily family)
    {
        _isV6 = family == AddressFamily.InterNetworkV6;
        _socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // Shares the port with other multicast DNS programs of this machine.
            Span<byte> value = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(value, 1);
            _socket.SetRawSocketOption(SocketLevel, ReuseAddress, value);
            _socket.SetRawSocketOption(SocketLevel, ReusePort, value);
            if (_isV6)
                _socket.DualMode = false;
            SocketOptionLevel level = _isV6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP;
            _socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, HopLimit);
            BinaryPrimitives.WriteInt32LittleEndian(value, HopLimit);
            if (_isV6)
                _socket.SetRawSocketOption(V6Level, UnicastHops, value);
            else
                _socket.SetSocketOption(level, SocketOptionName.IpTimeToLive, HopLimit);
            _socket.SetSocketOption(level, SocketOptionName.PacketInformation, true);
            _socket.Bind(new IPEndPoint(_isV6 ? IPAddress.IPv6Any : IPAddress.Any, Port));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    private IPAddress Group => _isV6 ? GroupV6 : GroupV4;

    /// <summary>Joins the multicast group on exactly these links and leaves it on all others.</summary>
    /// <param name="links">Interface indexes.</param>
    /// <exception cref="SocketException">The group cannot be joined on a link.</exception>
    public void Join(IReadOnlyCollection<int> links)
    {
        foreach (int removed in _joined.Except(links).ToArray())
        {
            _joined.Remove(removed);
            try
            {
                SetMembership(removed, isMember: false);
            }
            catch (SocketException)
            {
                // The interface no longer exists, so the kernel has already dropped the membership.
            }
        }
        foreach (int added in links.Except(_joined).ToArray())
        {
            SetMembership(added, isMember: true);
            _joined.Add(added);
        }
    }

    /// <summary>Sends a message on a link.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="link">Interface index.</param>
    /// <param name="destination">Receiver of a unicast message; null for the multicast group.</param>
    /// <returns>False when the message was not sent.</returns>
    public bool TrySend(ReadOnlySpan<byte> bytes, int link, IPEndPoint? destination)
    {
        try
        {
            if (_isV6)
                _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, link);
            else
                _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.HostToNetworkOrder(link));
            EndPoint to = destination ?? new IPEndPoint(_isV6 ? new IPAddress(GroupV6.GetAddressBytes(), link) : GroupV4, Port);
            return _socket.SendTo(bytes, SocketFlags.None, to) == bytes.Length;
        }
        catch (SocketException)
        {
            // For example, the link has no address of this family, or the interface has just been removed.
            return false;
        }
    }

    /// <summary>Receives messages until the socket is closed.</summary>
    /// <param name="receive">Called with the message, its sender, the interface index, and whether it was sent to the multicast group. The
    /// message is valid during the call only.</param>
    public async Task ReceiveAsync(Action<ReadOnlyMemory<byte>, IPEndPoint, int, bool> receive)
    {
        var buffer = new byte[DnsMessageReader.MaxBytes];
        var any = new IPEndPoint(_isV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (true)
        {
            SocketReceiveMessageFromResult result;
            try
            {
                result = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, any).ConfigureAwait(false);
            }
            catch (SocketException exception) when (exception.SocketErrorCode != SocketError.OperationAborted)
            {
                // The message is larger than the buffer, or an ICMP error reports an unreachable receiver. Neither stops the reception.
                continue;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
            if ((result.SocketFlags & SocketFlags.Truncated) == 0)
            {
                receive(
                    buffer.AsMemory(0, result.ReceivedBytes),
                    (IPEndPoint)result.RemoteEndPoint,
                    result.PacketInformation.Interface,
                    NetworkLink.WithoutScope(result.PacketInformation.Address).Equals(Group));
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private void SetMembership(int link, bool isMember)
    {
        if (_isV6)
        {
            _socket.SetSocketOption(
                SocketOptionLevel.IPv6,
                isMember ? SocketOptionName.AddMembership : SocketOptionName.DropMembership,
                new IPv6MulticastOption(GroupV6, link));
            return;
        }
        _socket.SetSocketOption(
            SocketOptionLevel.IP,
            isMember ? SocketOptionName.AddMembership : SocketOptionName.DropMembership,
            new MulticastOption(GroupV4, link));
    }
}
