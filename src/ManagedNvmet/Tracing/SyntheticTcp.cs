using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Tracing;

/// <summary>Synthesizes the packets of a TCP connection with one PDU per segment, because the target does not see the real segments, which
/// may be encrypted. Sequence numbers also count lost PDUs, so that a gap shows where they are missing.</summary>
/// <remarks>A packet of more than 65535 bytes has the length 0 in IPv4, as with segmentation offload, and a jumbo payload option in IPv6
/// (RFC 2675). The TCP checksum is 0, because it cannot be computed for a truncated payload.</remarks>
internal sealed class SyntheticTcp
{
    /// <summary>Maximum size of the headers before a PDU in bytes.</summary>
    public const int MaxHeaderBytes = 40 + JumboBytes + TcpBytes + WindowScaleBytes;

    private const int TcpBytes = 20;
    private const int JumboBytes = 8;
    private const int WindowScaleBytes = 4;
    private const byte TcpProtocol = 6;
    private const byte HopLimit = 64;

    private readonly byte[] _hostAddress;
    private readonly byte[] _ownAddress;
    private readonly ushort _hostPort;
    private readonly ushort _ownPort;
    private uint _hostSequence;
    private uint _ownSequence;

    public SyntheticTcp(IPEndPoint host, IPEndPoint own)
    {
        IPAddress hostIp = Unmapped(host.Address);
        IPAddress ownIp = Unmapped(own.Address);
        IsVersion6 = hostIp.AddressFamily == AddressFamily.InterNetworkV6 || ownIp.AddressFamily == AddressFamily.InterNetworkV6;
        _hostAddress = (IsVersion6 ? hostIp.MapToIPv6() : hostIp).GetAddressBytes();
        _ownAddress = (IsVersion6 ? ownIp.MapToIPv6() : ownIp).GetAddressBytes();
        _hostPort = (ushort)host.Port;
        _ownPort = (ushort)own.Port;
    }

    /// <summary>Flags of the TCP header.</summary>
    [Flags]
    public enum Segment : byte
    {
        Finish = 0x01,
        Synchronize = 0x02,
        Push = 0x08,
        Acknowledge = 0x10,
    }

    public bool IsVersion6 { get; }

    /// <summary>Returns the size of the headers before a payload in bytes.</summary>
    public int HeaderBytes(Segment kind, int payloadBytes)
    {
        int tcp = TcpBytesOf(kind);
        return !IsVersion6 ? 20 + tcp : 40 + tcp + (tcp + payloadBytes > ushort.MaxValue ? JumboBytes : 0);
    }

    /// <summary>Writes the headers of a payload and advances the sequence number.</summary>
    public void Write(Span<byte> packet, bool isToHost, Segment kind, int payloadBytes)
    {
        int tcp = TcpBytesOf(kind);
        int ip = IsVersion6 ? WriteVersion6(packet, isToHost, tcp + payloadBytes) : WriteVersion4(packet, isToHost, tcp + payloadBytes);
        WriteTcp(packet.Slice(ip, tcp), isToHost, kind);
        Advance(isToHost, (uint)payloadBytes + ((kind & (Segment.Synchronize | Segment.Finish)) != 0 ? 1u : 0));
    }

    /// <summary>Advances the sequence number for a lost payload.</summary>
    public void Skip(bool isToHost, int payloadBytes) => Advance(isToHost, (uint)payloadBytes);

    private void Advance(bool isToHost, uint count)
    {
        if (isToHost)
            _ownSequence += count;
        else
            _hostSequence += count;
    }

    private int WriteVersion4(Span<byte> packet, bool isToHost, int payloadBytes)
    {
        Span<byte> header = packet[..20];
        header.Clear();
        header[0] = 0x45;
        int total = 20 + payloadBytes;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(total <= ushort.MaxValue ? total : 0));
        header[6] = 0x40;
        header[8] = HopLimit;
        header[9] = TcpProtocol;
        (isToHost ? _ownAddress : _hostAddress).CopyTo(header[12..]);
        (isToHost ? _hostAddress : _ownAddress).CopyTo(header[16..]);
        uint sum = 0;
        for (int offset = 0; offset < header.Length; offset += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[offset..]);
        sum = (sum & 0xFFFF) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)~(sum + (sum >> 16)));
        return header.Length;
    }

    private int WriteVersion6(Span<byte> packet, bool isToHost, int payloadBytes)
    {
        bool isJumbo = payloadBytes > ushort.MaxValue;
        Span<byte> header = packet[..(40 + (isJumbo ? JumboBytes : 0))];
        header.Clear();
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(isJumbo ? 0 : payloadBytes));
        header[6] = isJumbo ? (byte)0 : TcpProtocol;
        header[7] = HopLimit;
        (isToHost ? _ownAddress : _hostAddress).CopyTo(header[8..]);
        (isToHost ? _hostAddress : _ownAddress).CopyTo(header[24..]);
        if (isJumbo)
        {
            // Hop-by-hop options header: next header, length 0, and the jumbo payload option C2h with 4 bytes.
            header[40] = TcpProtocol;
            header[42] = 0xC2;
            header[43] = 4;
            BinaryPrimitives.WriteUInt32BigEndian(header[44..], (uint)(payloadBytes + JumboBytes));
        }
        return header.Length;
    }

    private void WriteTcp(Span<byte> header, bool isToHost, Segment kind)
    {
        header.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header, isToHost ? _ownPort : _hostPort);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], isToHost ? _hostPort : _ownPort);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], isToHost ? _ownSequence : _hostSequence);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], (kind & Segment.Acknowledge) == 0 ? 0 : isToHost ? _hostSequence : _ownSequence);
        header[12] = (byte)(header.Length / 4 << 4);
        header[13] = (byte)kind;
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], ushort.MaxValue);
        if (header.Length == TcpBytes)
            return;

        // Options: no operation, then window scale 14. The resulting window of 1 GiB is larger than any PDU.
        ReadOnlySpan<byte> scale = [1, 3, 3, 14];
        scale.CopyTo(header[TcpBytes..]);
    }

    private static int TcpBytesOf(Segment kind) => TcpBytes + ((kind & Segment.Synchronize) != 0 ? WindowScaleBytes : 0);

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
