using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace ManagedNvmet.Announcing.Dns;

/// <summary>Parses a DNS message. It returns either the complete message or nothing.</summary>
internal static class DnsMessageReader
{
    /// <summary>Maximum size of a message in bytes (RFC 6762). Larger ones are rejected.</summary>
    public const int MaxBytes = 9000;

    private const int HeaderBytes = 12;
    private const int QuestionBytes = 5;
    private const int RecordBytes = 11;
    private const ushort TopBit = 0x8000;

    /// <summary>Parses a message.</summary>
    /// <returns>False when the message is malformed or larger than <see cref="MaxBytes"/>.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        if (bytes.Length is < HeaderBytes or > MaxBytes)
            return false;
        ReadOnlySpan<int> counts =
        [
            BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]),
        ];

        // Rejects counts that the message has no room for before anything is allocated for them.
        long least = ((long)counts[0] * QuestionBytes) + (((long)counts[1] + counts[2] + counts[3]) * RecordBytes);
        if (least > bytes.Length - HeaderBytes)
            return false;
        var read = new DnsMessage
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(bytes),
            Flags = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
        };
        int position = HeaderBytes;
        for (int count = 0; count < counts[0]; count++)
        {
            if (!TryReadQuestion(bytes, ref position, out DnsQuestion? question))
                return false;
            read.Questions.Add(question);
        }
        if (!TryReadRecords(bytes, ref position, counts[1], read.Answers)
            || !TryReadRecords(bytes, ref position, counts[2], read.Authorities)
            || !TryReadRecords(bytes, ref position, counts[3], read.Additionals))
        {
            return false;
        }
        message = read;
        return true;
    }

    private static bool TryReadQuestion(ReadOnlySpan<byte> bytes, ref int position, [NotNullWhen(true)] out DnsQuestion? question)
    {
        question = null;
        if (!DnsName.TryRead(bytes, ref position, out DnsName? name) || position + 4 > bytes.Length)
            return false;
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(bytes[position..]);
        ushort @class = BinaryPrimitives.ReadUInt16BigEndian(bytes[(position + 2)..]);
        position += 4;
        question = new DnsQuestion(name, type, (ushort)(@class & ~TopBit), (@class & TopBit) != 0);
        return true;
    }

    private static bool TryReadRecords(ReadOnlySpan<byte> bytes, ref int position, int count, List<DnsRecord> records)
    {
        for (; count > 0; count--)
        {
            if (!DnsName.TryRead(bytes, ref position, out DnsName? name) || position + 10 > bytes.Length)
                return false;
            var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(bytes[position..]);
            ushort @class = BinaryPrimitives.ReadUInt16BigEndian(bytes[(position + 2)..]);
            uint seconds = BinaryPrimitives.ReadUInt32BigEndian(bytes[(position + 4)..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(position + 8)..]);
            position += 10;
            if (length > bytes.Length - position || !TryReadData(bytes, position, length, type, out byte[]? data))
                return false;
            position += length;
            records.Add(new DnsRecord(name, type, (ushort)(@class & ~TopBit), (@class & TopBit) != 0, seconds, data));
        }
        return true;
    }

    // Expands compressed names in the data, so that the data of two records can be compared.
    private static bool TryReadData(ReadOnlySpan<byte> bytes, int start, int length, DnsType type, [NotNullWhen(true)] out byte[]? data)
    {
        data = null;
        int end = start + length;
        int before = type switch
        {
            DnsType.Pointer or DnsType.NameServer or DnsType.CanonicalName or DnsType.Delegation or DnsType.NextSecure => 0,
            DnsType.Service => 6,
            _ => -1,
        };
        if (before < 0)
        {
            if ((type == DnsType.A && length != 4) || (type == DnsType.Aaaa && length != 16))
                return false;
            data = bytes.Slice(start, length).ToArray();
            return true;
        }
        int position = start + before;
        if (before > length
            || !DnsName.TryRead(bytes[..end], ref position, out DnsName? name)
            || (position != end && type != DnsType.NextSecure))
        {
            return false;
        }
        data = [.. bytes.Slice(start, before), .. name.Wire, .. bytes[position..end]];
        return true;
    }
}
