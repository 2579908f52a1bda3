using System.Buffers.Binary;

namespace ManagedNvmet.Fuzz;

/// <summary>Makes the digests of a mutated stream right again, so that mutations get past them.</summary>
internal static class Digests
{
    /// <summary>A copy whose header and data digests are right as far as the stream can be followed; every eighth input stays as it is.</summary>
    public static byte[] MakeRight(ReadOnlySpan<byte> input, int digests)
    {
        byte[] stream = input.ToArray();
        if (digests == 0 || stream.Length % 8 == 7)
            return stream;
        for (int at = 0; at + 8 <= stream.Length;)
        {
            Span<byte> pdu = stream.AsSpan(at);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(pdu[4..]);
            if (length < 8 || length > pdu.Length)
                break;
            pdu = pdu[..(int)length];
            int header = pdu[0] == (byte)PduType.CapsuleCmd ? 72 : 24;
            bool hasDigests = pdu[0] >= (byte)PduType.CapsuleCmd;
            if (hasDigests && (digests & 1) != 0 && pdu.Length >= header + 4)
                BinaryPrimitives.WriteUInt32LittleEndian(pdu[header..], Crc32C.Compute(pdu[..header]));
            int start = pdu[3];
            if (hasDigests && (digests & 2) != 0 && start >= header && pdu.Length > start + 4)
                BinaryPrimitives.WriteUInt32LittleEndian(pdu[^4..], Crc32C.Compute(pdu[start..^4]));
            at += (int)length;
        }
        return stream;
    }
}
