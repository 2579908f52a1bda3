using System.Buffers.Binary;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Testing;

/// <summary>Creates valid PDUs of a host. A test then changes single bytes.</summary>
public static class Pdus
{
    public static byte[] InitializeRequest(byte hpda = 0, byte digests = 0, ushort formatVersion = 0, uint maxR2T = 0)
    {
        var pdu = new byte[128];
        pdu[2] = 128;
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(4), 128);
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(8), formatVersion);
        pdu[10] = hpda;
        pdu[11] = digests;
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(12), maxR2T);
        return pdu;
    }

    /// <param name="digests">Bit 0 header digest, bit 1 data digest: as in ICReq.</param>
    /// <param name="dataOffset">PDO, or -1 for the smallest.</param>
    public static byte[] Capsule(SubmissionEntry entry, ReadOnlySpan<byte> data = default, int digests = 0, int dataOffset = -1) =>
        Assemble(PduType.CapsuleCmd, PduFlags.None, WireStruct.Bytes(ref entry), data, digests, dataOffset);

    public static byte[] HostData(ushort commandId, ushort tag, int offset, ReadOnlySpan<byte> data, bool isLast, int digests = 0,
        int dataOffset = -1)
    {
        Span<byte> fields = stackalloc byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(fields, commandId);
        BinaryPrimitives.WriteUInt16LittleEndian(fields[2..], tag);
        BinaryPrimitives.WriteInt32LittleEndian(fields[4..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(fields[8..], data.Length);
        return Assemble(PduType.H2CData, isLast ? PduFlags.LastPdu : PduFlags.None, fields, data, digests, dataOffset);
    }

    public static byte[] HostTermination(ushort status, uint information, ReadOnlySpan<byte> offendingHeader = default)
    {
        var pdu = new byte[24 + offendingHeader.Length];
        pdu[0] = (byte)PduType.H2CTermReq;
        pdu[2] = 24;
        BinaryPrimitives.WriteInt32LittleEndian(pdu.AsSpan(4), pdu.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(8), status);
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(10), information);
        offendingHeader.CopyTo(pdu.AsSpan(24));
        return pdu;
    }

    /// <summary>Creates any PDU, with the negotiated digests.</summary>
    public static byte[] Assemble(
        PduType type, PduFlags flags, ReadOnlySpan<byte> fields, ReadOnlySpan<byte> data, int digests, int dataOffset = -1)
    {
        int headerBytes = 8 + fields.Length;
        int headerDigest = (digests & 1) != 0 ? 4 : 0;
        int dataDigest = (digests & 2) != 0 && !data.IsEmpty ? 4 : 0;
        int headerEnd = headerBytes + headerDigest;
        int start = data.IsEmpty ? headerEnd : dataOffset >= 0 ? dataOffset : headerEnd;
        var pdu = new byte[start + data.Length + dataDigest];
        pdu[0] = (byte)type;
        pdu[1] = (byte)(flags | (headerDigest > 0 ? PduFlags.HeaderDigest : 0) | (dataDigest > 0 ? PduFlags.DataDigest : 0));
        pdu[2] = (byte)headerBytes;
        pdu[3] = (byte)(data.IsEmpty ? 0 : start);
        BinaryPrimitives.WriteInt32LittleEndian(pdu.AsSpan(4), pdu.Length);
        fields.CopyTo(pdu.AsSpan(8));

        // The receiver must ignore padding, so it is not zero here.
        pdu.AsSpan(headerEnd, start - headerEnd).Fill(0xEE);
        data.CopyTo(pdu.AsSpan(start));
        if (dataDigest > 0)
            BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(start + data.Length), Crc32C.Compute(data));
        if (headerDigest > 0)
            SealHeader(pdu);
        return pdu;
    }

    /// <summary>Recomputes the header digest after a change of the header.</summary>
    public static byte[] SealHeader(byte[] pdu)
    {
        int headerBytes = (PduType)pdu[0] == PduType.CapsuleCmd ? 72 : 24;
        if (pdu.Length >= headerBytes + 4)
            BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(headerBytes), Crc32C.Compute(pdu.AsSpan(0, headerBytes)));
        return pdu;
    }

    /// <summary>Returns a copy with changed bytes and, if the PDU has one, a recomputed header digest.</summary>
    public static byte[] With(this byte[] pdu, int offset, params ReadOnlySpan<byte> bytes)
    {
        byte[] changed = [.. pdu];
        bytes.CopyTo(changed.AsSpan(offset));
        return (pdu[1] & 1) != 0 && pdu[0] is 4 or 6 ? SealHeader(changed) : changed;
    }

    /// <summary>Returns a copy with a changed 32-bit field.</summary>
    public static byte[] With32(this byte[] pdu, int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return pdu.With(offset, bytes);
    }
}
