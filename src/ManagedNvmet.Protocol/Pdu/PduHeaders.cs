using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Pdu;

/// <summary>The first 8 bytes of every PDU.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
public struct CommonHeader
{
    /// <summary>Bytes of the common header.</summary>
    public const int Size = 8;

    /// <summary>PDU-Type.</summary>
    [FieldOffset(0)] public PduType Type;

    /// <summary>FLAGS.</summary>
    [FieldOffset(1)] public PduFlags Flags;

    /// <summary>HLEN: bytes of the header without its digest.</summary>
    [FieldOffset(2)] public byte HeaderLength;

    /// <summary>PDO: offset of the data from the start of the PDU.</summary>
    [FieldOffset(3)] public byte DataOffset;

    /// <summary>PLEN: bytes of the whole PDU.</summary>
    [FieldOffset(4)] public U32 Length;
}

/// <summary>ICReq and ICResp: the 128 bytes that open a connection.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
public struct InitializeConnection
{
    /// <summary>Bytes of the PDU.</summary>
    public const int Size = 128;

    /// <summary>Common header.</summary>
    [FieldOffset(0)] public CommonHeader Common;

    /// <summary>PFV: PDU format version, 0.</summary>
    [FieldOffset(8)] public U16 FormatVersion;

    /// <summary>HPDA or CPDA: alignment of the data that its sender receives, in dwords less one, 0 to 31.</summary>
    [FieldOffset(10)] public byte DataAlignment;

    /// <summary>DGST: bit 0 header digest, bit 1 data digest.</summary>
    [FieldOffset(11)] public byte Digests;

    /// <summary>ICReq: MAXR2T, R2Ts outstanding for a command less one. ICResp: MAXH2CDATA in bytes.</summary>
    [FieldOffset(12)] public U32 Limit;
}

/// <summary>H2CTermReq and C2HTermReq.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
public struct TerminateConnection
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 24;

    /// <summary>Most bytes of the offending header that follow.</summary>
    public const int MaxData = 128;

    /// <summary>Common header.</summary>
    [FieldOffset(0)] public CommonHeader Common;

    /// <summary>FES.</summary>
    [FieldOffset(8)] public U16 FatalErrorStatus;

    /// <summary>FEI, which is not aligned.</summary>
    [FieldOffset(10)] public U32 FatalErrorInformation;
}

/// <summary>CapsuleCmd.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
public struct CommandCapsule
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = CommonHeader.Size + SubmissionEntry.Size;

    /// <summary>Common header.</summary>
    [FieldOffset(0)] public CommonHeader Common;

    /// <summary>CCSQE.</summary>
    [FieldOffset(8)] public SubmissionEntry Entry;
}

/// <summary>CapsuleResp.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
public struct ResponseCapsule
{
    /// <summary>Bytes of the PDU without digest.</summary>
    public const int Size = CommonHeader.Size + CompletionEntry.Size;

    /// <summary>Common header.</summary>
    [FieldOffset(0)] public CommonHeader Common;

    /// <summary>RCCQE.</summary>
    [FieldOffset(8)] public CompletionEntry Entry;
}

/// <summary>H2CData, C2HData and R2T: which command, which range of its data.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
public struct DataTransfer
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 24;

    /// <summary>Offset of TTAG.</summary>
    public const uint TransferTagOffset = 10;

    /// <summary>Offset of DATAO and R2TO.</summary>
    public const uint OffsetOffset = 12;

    /// <summary>Offset of DATAL and R2TL.</summary>
    public const uint LengthOffset = 16;

    /// <summary>Common header.</summary>
    [FieldOffset(0)] public CommonHeader Common;

    /// <summary>CCCID: the command.</summary>
    [FieldOffset(8)] public U16 CommandId;

    /// <summary>TTAG; reserved in C2HData.</summary>
    [FieldOffset(10)] public U16 TransferTag;

    /// <summary>DATAO or R2TO in bytes from the start of the command's data.</summary>
    [FieldOffset(12)] public U32 Offset;

    /// <summary>DATAL or R2TL in bytes.</summary>
    [FieldOffset(16)] public U32 Length;
}
