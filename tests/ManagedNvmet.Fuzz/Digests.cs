using System.Buffers.Binary;

namespace ManagedNvmet.Fuzz;

/// <summary>Corrects the digests of a mutated stream, so that the mutations reach the code behind the digest checks.</summary>
internal static class Digests
{
    /// <summary>Returns a copy with correct header and data digests, as far as the stream can be parsed. It leaves every eighth input
    /// unchanged.</summary>
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
