using System.Runtime.InteropServices;

namespace ManagedNvmet.Protocol.Wire;

/// <summary>A submission queue entry (Base Specification, "Submission Queue Entry"), 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
public struct SubmissionEntry
{
    /// <summary>Bytes of an entry.</summary>
    public const int Size = 64;

    /// <summary>OPC.</summary>
    [FieldOffset(0)] public byte Opcode;

    /// <summary>FUSE in bits 1:0, PSDT in bits 7:6.</summary>
    [FieldOffset(1)] public byte Flags;

    /// <summary>CID.</summary>
    [FieldOffset(2)] public U16 CommandId;

    /// <summary>NSID; in a Fabrics command its lowest byte is FCTYPE.</summary>
    [FieldOffset(4)] public U32 NamespaceId;

    /// <summary>FCTYPE of a Fabrics command.</summary>
    [FieldOffset(4)] public byte FabricsType;

    /// <summary>Command dword 2.</summary>
    [FieldOffset(8)] public U32 Cdw2;

    /// <summary>Command dword 3.</summary>
    [FieldOffset(12)] public U32 Cdw3;

    /// <summary>MPTR, not used over TCP.</summary>
    [FieldOffset(16)] public U64 MetadataPointer;

    /// <summary>SGL1: address, or offset in the capsule.</summary>
    [FieldOffset(24)] public U64 SglAddress;

    /// <summary>SGL1: length in bytes.</summary>
    [FieldOffset(32)] public U32 SglLength;

    /// <summary>SGL1: descriptor type in bits 7:4, sub-type in bits 3:0.</summary>
    [FieldOffset(39)] public byte SglType;

    /// <summary>Command dword 10.</summary>
    [FieldOffset(40)] public U32 Cdw10;

    /// <summary>Command dwords 10 and 11 as one field.</summary>
    [FieldOffset(40)] public U64 Cdw10And11;

    /// <summary>Command dword 11.</summary>
    [FieldOffset(44)] public U32 Cdw11;

    /// <summary>Command dword 12.</summary>
    [FieldOffset(48)] public U32 Cdw12;

    /// <summary>Command dwords 12 and 13 as one field.</summary>
    [FieldOffset(48)] public U64 Cdw12And13;

    /// <summary>Command dword 13.</summary>
    [FieldOffset(52)] public U32 Cdw13;

    /// <summary>Command dword 14.</summary>
    [FieldOffset(56)] public U32 Cdw14;

    /// <summary>Command dword 15.</summary>
    [FieldOffset(60)] public U32 Cdw15;

    /// <summary>Opcode of every Fabrics command.</summary>
    public const byte FabricsOpcode = 0x7F;

    /// <summary>SGL Data Block descriptor with an offset address: the data is in the capsule.</summary>
    public const byte SglInCapsule = 0x01;

    /// <summary>Transport SGL Data Block descriptor: the data goes in C2HData or H2CData PDUs.</summary>
    public const byte SglTransport = 0x5A;

    /// <summary>PSDT 01b: an SGL is used, metadata in a contiguous buffer (which TCP does not have).</summary>
    public const byte PsdtSgl = 0x40;

    /// <summary>True for a Fabrics command.</summary>
    public readonly bool IsFabrics => Opcode == FabricsOpcode;

    /// <summary>Which way data goes: bits 1:0 of the opcode, or of FCTYPE for a Fabrics command.</summary>
    public readonly DataDirection Direction => (DataDirection)((IsFabrics ? FabricsType : Opcode) & 3);
}
