using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Pdu;

/// <summary>The first and the last PDU of a connection, at both ends: ICReq, ICResp and the Terminate Connection Requests.</summary>
internal static class Handshake
{
    private const uint FormatVersionOffset = 8;
    private const uint DataAlignmentOffset = 10;
    private const byte MaxDataAlignment = 31;
    private const byte HeaderDigestBit = 1;
    private const byte DataDigestBit = 2;

    /// <summary>Checks version and alignment of an ICReq or ICResp.</summary>
    public static PduError Check(in InitializeConnection received)
    {
        if (received.FormatVersion != 0)
            return PduError.Unsupported(FormatVersionOffset);
        return received.DataAlignment > MaxDataAlignment ? PduError.InvalidField(DataAlignmentOffset) : PduError.None;
    }

    /// <summary>Parameters for the end that received this PDU; the digests are those of the PDU.</summary>
    public static ConnectionParameters Agree(in InitializeConnection received) => new()
    {
        HeaderDigest = (received.Digests & HeaderDigestBit) != 0,
        DataDigest = (received.Digests & DataDigestBit) != 0,
        SendAlignment = (received.DataAlignment + 1) * 4,
    };

    /// <summary>An ICReq or ICResp.</summary>
    /// <param name="type">The type.</param>
    /// <param name="headerDigest">Header digests are requested, or enabled.</param>
    /// <param name="dataDigest">Data digests are requested, or enabled.</param>
    /// <param name="dataAlignment">HPDA or CPDA, in dwords less one.</param>
    /// <param name="limit">MAXR2T, or MAXH2CDATA in bytes.</param>
    public static byte[] Initialize(PduType type, bool headerDigest, bool dataDigest, byte dataAlignment, uint limit)
    {
        var bytes = new byte[InitializeConnection.Size];
        ref InitializeConnection pdu = ref WireStruct.Begin<InitializeConnection>(bytes);
        pdu.Common.Type = type;
        pdu.Common.HeaderLength = InitializeConnection.Size;
        pdu.Common.Length = InitializeConnection.Size;
        pdu.DataAlignment = dataAlignment;
        pdu.Digests = (byte)((headerDigest ? HeaderDigestBit : 0) | (dataDigest ? DataDigestBit : 0));
        pdu.Limit = limit;
        return bytes;
    }

    /// <summary>A Terminate Connection Request about the PDU whose header is given.</summary>
    public static byte[] Terminate(PduType type, PduError error, ReadOnlySpan<byte> header)
    {
        var bytes = new byte[TerminateConnection.Size + header.Length];
        ref TerminateConnection pdu = ref WireStruct.Begin<TerminateConnection>(bytes);
        pdu.Common.Type = type;
        pdu.Common.HeaderLength = TerminateConnection.Size;
        pdu.Common.Length = (uint)bytes.Length;
        pdu.FatalErrorStatus = (ushort)error.Status;
        pdu.FatalErrorInformation = error.Information;
        header.CopyTo(bytes.AsSpan(TerminateConnection.Size));
        return bytes;
    }

    /// <summary>The error in a Terminate Connection Request.</summary>
    public static PduError ErrorOf(in TerminateConnection request) =>
        new((FatalErrorStatus)(ushort)request.FatalErrorStatus, request.FatalErrorInformation);
}
