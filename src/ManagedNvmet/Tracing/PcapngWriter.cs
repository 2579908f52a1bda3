using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ManagedNvmet.Tracing;

/// <summary>Writes the blocks of a pcapng file (IETF draft "PCAP Next Generation Capture File Format") with one interface, whose packets
/// are raw IP and whose times are in nanoseconds.</summary>
internal sealed class PcapngWriter(IBufferWriter<byte> output)
{
    /// <summary>Size of the block that <see cref="WriteStatistics"/> writes, in bytes.</summary>
    public const int StatisticsBytes = 12 + 12 + (5 * 12) + 4;

    private const uint SectionHeader = 0x0A0D0D0A;
    private const uint InterfaceDescription = 1;
    private const uint InterfaceStatistics = 5;
    private const uint EnhancedPacket = 6;
    private const ushort LinkTypeRawIp = 101;
    private const int MaxTextBytes = 4096;
    private const int PacketFixedBytes = 12 + 20;

    // Codes of the options. A code is specific to the type of its block.
    private const ushort EndOfOptions = 0;
    private const ushort Comment = 1;
    private const ushort SectionApplication = 4;
    private const ushort InterfaceName = 2;
    private const ushort InterfaceTimeResolution = 9;
    private const ushort InterfaceFilter = 11;
    private const ushort StatisticsStart = 2;
    private const ushort StatisticsEnd = 3;
    private const ushort StatisticsReceived = 4;
    private const ushort StatisticsDropped = 5;
    private const ushort StatisticsAccepted = 6;
    private const ushort PacketFlags = 2;
    private const ushort PacketDropCount = 4;

    /// <summary>Writes the section header, which names the application that wrote the file.</summary>
    public void WriteSection(string application)
    {
        Span<byte> block = Begin(SectionHeader, 28 + MaxTextBytes + 16);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], 0x1A2B3C4D);
        BinaryPrimitives.WriteUInt16LittleEndian(block[12..], 1);

        // Section length -1: the length is not known.
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], -1);
        int length = 24;
        Text(block, ref length, SectionApplication, application);
        End(block, length);
    }

    /// <summary>Writes the interface description, whose filter says which PDUs the trace contains.</summary>
    public void WriteInterface(string name, string filter)
    {
        Span<byte> block = Begin(InterfaceDescription, 20 + (2 * MaxTextBytes) + 32);
        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], LinkTypeRawIp);
        int length = 16;
        Text(block, ref length, InterfaceName, name);
        Option(block, ref length, InterfaceTimeResolution, [9]);

        // The first byte 0 means that a string follows.
        Text(block, ref length, InterfaceFilter, "\0" + filter);
        End(block, length);
    }

    /// <summary>Writes a packet.</summary>
    /// <param name="time">Nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="packet">The recorded bytes.</param>
    /// <param name="header">Direction, original size and lost frames.</param>
    /// <param name="comment">Comment in UTF-8; empty for none.</param>
    public void WritePacket(ulong time, ReadOnlySpan<byte> packet, in FrameHeader header, ReadOnlySpan<byte> comment)
    {
        Span<byte> block = Begin(EnhancedPacket, PacketBytes(packet.Length, header, comment));
        Time(block[12..], time);
        BinaryPrimitives.WriteInt32LittleEndian(block[20..], packet.Length);
        BinaryPrimitives.WriteInt32LittleEndian(block[24..], header.OriginalBytes);
        packet.CopyTo(block[28..]);
        int length = 28 + Padded(packet.Length);
        if (!comment.IsEmpty)
            Option(block, ref length, Comment, comment);
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt32LittleEndian(value, header.IsToHost ? 2u : 1u);
        Option(block, ref length, PacketFlags, value[..sizeof(uint)]);
        if (header.LostBefore > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(value, (ulong)header.LostBefore);
            Option(block, ref length, PacketDropCount, value);
        }
        End(block, length);
    }

    /// <summary>Returns the size of the block that <see cref="WritePacket"/> writes, in bytes.</summary>
    public static int PacketBytes(int packetBytes, in FrameHeader header, ReadOnlySpan<byte> comment) =>
        PacketFixedBytes + Padded(packetBytes) + 8 + (header.LostBefore > 0 ? 12 : 0)
        + (comment.IsEmpty ? 0 : 4 + Padded(comment.Length)) + 4;

    /// <summary>Writes the numbers of seen, recorded and lost packets up to a time.</summary>
    public void WriteStatistics(ulong start, ulong now, long seen, long kept, long lost)
    {
        Span<byte> block = Begin(InterfaceStatistics, StatisticsBytes);
        Time(block[12..], now);
        int length = 20;
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        Time(value, start);
        Option(block, ref length, StatisticsStart, value);
        Time(value, now);
        Option(block, ref length, StatisticsEnd, value);
        Count(block, ref length, StatisticsReceived, seen);
        Count(block, ref length, StatisticsDropped, lost);
        Count(block, ref length, StatisticsAccepted, kept);
        End(block, length);
    }

    private Span<byte> Begin(uint type, int mostBytes)
    {
        Span<byte> block = output.GetSpan(mostBytes)[..mostBytes];
        block.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(block, type);
        return block;
    }

    private void End(Span<byte> block, int length)
    {
        Option(block, ref length, EndOfOptions, default);
        int total = length + sizeof(uint);
        BinaryPrimitives.WriteInt32LittleEndian(block[4..], total);
        BinaryPrimitives.WriteInt32LittleEndian(block[length..], total);
        output.Advance(total);
    }

    private static void Text(Span<byte> block, ref int length, ushort code, string text)
    {
        Span<byte> bytes = stackalloc byte[MaxTextBytes];
        int count = Encoding.UTF8.GetBytes(text.AsSpan(0, Math.Min(text.Length, MaxTextBytes / 3)), bytes);
        Option(block, ref length, code, bytes[..count]);
    }

    private static void Count(Span<byte> block, ref int length, ushort code, long count)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(value, count);
        Option(block, ref length, code, value);
    }

    private static void Option(Span<byte> block, ref int length, ushort code, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(block[length..], code);
        BinaryPrimitives.WriteUInt16LittleEndian(block[(length + 2)..], (ushort)value.Length);
        value.CopyTo(block[(length + 4)..]);
        length += 4 + Padded(value.Length);
    }

    private static void Time(Span<byte> place, ulong time)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)(time >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(place[4..], (uint)time);
    }

    private static int Padded(int length) => (length + 3) & ~3;
}
