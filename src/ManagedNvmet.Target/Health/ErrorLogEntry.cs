using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Health;

/// <summary>An entry of the Error Information log page, 64 bytes. The fields without a name are 0.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct ErrorLogEntry
{
    public const int Size = 64;

    /// <summary>The number of the error, from 1; 0 when there is no entry.</summary>
    [FieldOffset(0)] public U64 ErrorCount;

    /// <summary>SQID.</summary>
    [FieldOffset(8)] public U16 SubmissionQueueId;

    /// <summary>CID.</summary>
    [FieldOffset(10)] public U16 CommandId;

    /// <summary>The status field as in the completion queue entry.</summary>
    [FieldOffset(12)] public U16 Status;

    /// <summary>Byte in bits 7:0 and bit in bits 10:8 of the submission queue entry; FFFFh when the error concerns no single
    /// field.</summary>
    [FieldOffset(14)] public U16 ParameterErrorLocation;

    /// <summary>The first affected logical block.</summary>
    [FieldOffset(16)] public U64 Lba;

    /// <summary>NSID.</summary>
    [FieldOffset(24)] public U32 NamespaceId;

    /// <summary>TRTYPE: 3 for TCP.</summary>
    [FieldOffset(29)] public byte TransportType;

    /// <summary>CSI, valid for I/O commands.</summary>
    [FieldOffset(30)] public byte CommandSet;

    /// <summary>OPC of the command.</summary>
    [FieldOffset(31)] public byte Opcode;

    /// <summary>Log Page Version: 1 means that the entry contains CSI and the opcode.</summary>
    [FieldOffset(63)] public byte Version;
}
