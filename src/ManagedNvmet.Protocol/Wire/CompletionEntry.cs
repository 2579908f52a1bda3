using System.Runtime.InteropServices;

namespace ManagedNvmet.Protocol.Wire;

/// <summary>A completion queue entry (Base Specification, "Completion Queue Entry"), 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
public struct CompletionEntry
{
    /// <summary>Bytes of an entry.</summary>
    public const int Size = 16;

    /// <summary>Dwords 0 and 1: the command's result.</summary>
    [FieldOffset(0)] public U64 Result;

    /// <summary>SQHD.</summary>
    [FieldOffset(8)] public U16 SubmissionQueueHead;

    /// <summary>SQID, reserved over fabrics.</summary>
    [FieldOffset(10)] public U16 SubmissionQueueId;

    /// <summary>CID.</summary>
    [FieldOffset(12)] public U16 CommandId;

    /// <summary>Status; bit 0 (phase) is 0 over fabrics.</summary>
    [FieldOffset(14)] public U16 Status;
}
