using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing;

/// <summary>The socket of multicast DNS of one family, for all links.</summary>
internal sealed class MdnsSocket : IDisposable
{
    public const int Port = 5353;

    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;
    private const int ReusePort = 15;
    private const int V6Level = 41;
    private const int UnicastHops = 16;
    private const int HopLimit = 255;

    private static readonly IPAddress GroupV4 = IPAddress.Parse("224.0.0.251");
    private static readonly IPAddress GroupV6 = IPAddress.Parse("ff02::fb");

    private readonly Socket _socket;
    private readonly bool _isV6;
    private readonly HashSet<int> _joined = [];

    /// <exception cref="SocketException">The port is not to be had, or the family.</exception>
    public MdnsSocket(AddressFamily family)
    {
        _isV6 = family == AddressFamily.InterNetworkV6;
        _socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // Other programs of this machine that speak multicast DNS have the port too.
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

    /// <summary>Hears exactly these links.</summary>
    /// <exception cref="SocketException">A link cannot be joined.</exception>
    public void Join(IReadOnlyCollection<int> links)
    {
        foreach (int gone in _joined.Except(links).ToArray())
        {
            _joined.Remove(gone);
            try
            {
                SetMembership(gone, isMember: false);
            }
            catch (SocketException)
            {
                // The interface is gone, and the membership with it.
            }
        }
        foreach (int added in links.Except(_joined).ToArray())
        {
            SetMembership(added, isMember: true);
            _joined.Add(added);
        }
    }

    /// <summary>Sends to everybody on a link, or to one.</summary>
    /// <returns>False when it could not be sent.</returns>
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
            // Such as: a link without an address of this family, or one that has just gone.
            return false;
        }
    }

    /// <summary>Waits for messages and passes them on until the socket is closed.</summary>
    /// <param name="receive">Given the message, its sender, the number of its link, and whether it was sent to everybody.</param>
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
                // A longer message than any may be, or the answer of a host that could not be reached.
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
                    NetworkLink.Plain(result.PacketInformation.Address).Equals(Group));
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
