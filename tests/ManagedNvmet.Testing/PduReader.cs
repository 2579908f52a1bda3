using System.Buffers.Binary;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Testing;

/// <summary>Parses the output of a controller and applies the strictest rules of any host: fixed header fields, digests, zeros in reserved
/// fields, and the smallest data offset. It does not use the product's parser, so that both cannot share a mistake.</summary>
/// <param name="hpda">HPDA of the ICReq.</param>
public sealed class PduReader(byte hpda = 0)
{
    private readonly List<byte> _pending = [];
    private bool _isInitialized;
    private bool _headerDigest;
    private bool _dataDigest;
    private bool _isTerminated;

    /// <summary>Number of received bytes of an incomplete PDU.</summary>
    public int PendingBytes => _pending.Count;

    /// <summary>Adds bytes and returns the PDUs that are now complete.</summary>
    /// <exception cref="InvalidDataException">A PDU breaks a rule for which a host would close the connection.</exception>
    public List<ReceivedPdu> Read(ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
            _pending.Add(next);
        var pdus = new List<ReceivedPdu>();
        while (_pending.Count >= 8)
        {
            byte[] all = [.. _pending];
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(all.AsSpan(4));
            Require(length is >= 24 and < 1 << 28, $"PLEN is {length}");
            if (all.Length < length)
                break;
            pdus.Add(ReadOne(all.AsSpan(0, (int)length)));
            _pending.RemoveRange(0, (int)length);
        }
        return pdus;
    }

    private ReceivedPdu ReadOne(ReadOnlySpan<byte> pdu)
    {
        Require(!_isTerminated, "there is a PDU after C2HTermReq");
        var type = (PduType)pdu[0];
        var flags = (PduFlags)pdu[1];
        bool isTermination = type == PduType.C2HTermReq;
        Require(
            type is PduType.ICResp or PduType.C2HTermReq or PduType.CapsuleResp or PduType.C2HData or PduType.R2T,
            $"the type is {pdu[0]:X2}h");
        Require(type == PduType.ICResp ? !_isInitialized : _isInitialized || isTermination, $"{type} does not belong here");
        int headerBytes = type == PduType.ICResp ? 128 : 24;
        Require(pdu[2] == headerBytes, $"HLEN of {type} is {pdu[2]}");
        bool hasDigests = type is not (PduType.ICResp or PduType.C2HTermReq);
        bool hasData = type == PduType.C2HData;
        Require(flags.HasFlag(PduFlags.HeaderDigest) == (hasDigests && _headerDigest), $"HDGSTF of {type} is wrong");
        Require(flags.HasFlag(PduFlags.DataDigest) == (hasData && _dataDigest), $"DDGSTF of {type} is wrong");
        Require((flags & ~(PduFlags.HeaderDigest | PduFlags.DataDigest)) == 0 || hasData, $"FLAGS of {type} are {pdu[1]:X2}h");
        Require(((byte)flags & 0xF0) == 0, "reserved FLAGS are set");
        Require(!flags.HasFlag(PduFlags.Success) || flags.HasFlag(PduFlags.LastPdu), "SUCCESS without LAST_PDU");
        int headerEnd = headerBytes + (hasDigests && _headerDigest ? 4 : 0);
        if (hasDigests && _headerDigest)
        {
            uint expected = Crc32C.Compute(pdu[..headerBytes]);
            Require(BinaryPrimitives.ReadUInt32LittleEndian(pdu[headerBytes..]) == expected, $"the header digest of {type} is wrong");
        }
        ReadOnlySpan<byte> data = isTermination ? pdu[24..] : ReadData(type, pdu, headerEnd);
        var received = new ReceivedPdu(type, flags, pdu[..headerBytes].ToArray(), data.ToArray());
        CheckFields(received);
        return received;
    }

    private ReadOnlySpan<byte> ReadData(PduType type, ReadOnlySpan<byte> pdu, int headerEnd)
    {
        if (type != PduType.C2HData)
        {
            Require(pdu[3] == 0, $"PDO of {type} is {pdu[3]}");
            Require(pdu.Length == headerEnd, $"PLEN of {type} is {pdu.Length}");
            return default;
        }
        int alignment = (hpda + 1) * 4;
        int start = (headerEnd + alignment - 1) / alignment * alignment;
        Require(pdu[3] == start, $"PDO is {pdu[3]}, expected {start}");
        Require(!pdu[headerEnd..start].ContainsAnyExcept((byte)0), "the padding is not zero");
        ReadOnlySpan<byte> data = _dataDigest ? pdu[start..^4] : pdu[start..];
        Require(!data.IsEmpty, "C2HData without data");
        if (_dataDigest)
            Require(BinaryPrimitives.ReadUInt32LittleEndian(pdu[^4..]) == Crc32C.Compute(data), "the data digest is wrong");
        return data;
    }

    private void CheckFields(ReceivedPdu pdu)
    {
        ReadOnlySpan<byte> header = pdu.Header;
        switch (pdu.Type)
        {
            case PduType.ICResp:
                _isInitialized = true;
                _headerDigest = (header[11] & 1) != 0;
                _dataDigest = (header[11] & 2) != 0;
                Require((header[11] & 0xFC) == 0 && !header[16..].ContainsAnyExcept((byte)0), "reserved bits of ICResp are set");
                Require(header[8] == 0 && header[9] == 0 && header[10] == 0, "PFV or CPDA is not 0");
                uint limit = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
                Require(limit >= 4096 && limit % 4 == 0, $"MAXH2CDATA is {limit}");
                break;
            case PduType.C2HTermReq:
                _isTerminated = true;
                Require(pdu.Data.Length is >= 8 and <= 128, $"C2HTermReq carries {pdu.Data.Length} bytes");
                Require((ushort)pdu.FatalStatus is >= 1 and <= 6, $"FES is {pdu.FatalStatus}");
                Require(!header[14..].ContainsAnyExcept((byte)0), "reserved bytes of C2HTermReq are set");
                break;
            case PduType.C2HData:
                Require(pdu.Length == pdu.Data.Length, "DATAL is not the length of the data");
                Require(pdu.TransferTag == 0 && !header[20..].ContainsAnyExcept((byte)0), "reserved bytes of C2HData are set");
                break;
            case PduType.R2T:
                Require(pdu.Length > 0, "R2TL is 0");
                Require(!header[20..].ContainsAnyExcept((byte)0), "reserved bytes of R2T are set");
                break;
            default:
                Require(header[18] == 0 && header[19] == 0, "SQID is reserved over fabrics");
                Require((header[22] & 1) == 0, "the phase bit is set");
                break;
        }
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new InvalidDataException($"A strict host refuses this: {problem}.");
    }
}
