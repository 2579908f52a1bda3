using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Native;

/// <summary>struct io_uring_params, the fields that are used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct UringParameters
{
    [FieldOffset(0)] public uint SubmissionEntries;
    [FieldOffset(4)] public uint CompletionEntries;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(20)] public uint Features;
    [FieldOffset(40)] public uint SubmissionHead;
    [FieldOffset(44)] public uint SubmissionTail;
    [FieldOffset(48)] public uint SubmissionMask;
    [FieldOffset(56)] public uint SubmissionFlags;
    [FieldOffset(64)] public uint SubmissionArray;
    [FieldOffset(80)] public uint CompletionHead;
    [FieldOffset(84)] public uint CompletionTail;
    [FieldOffset(88)] public uint CompletionMask;
    [FieldOffset(100)] public uint CompletionEntriesOffset;
    [FieldOffset(104)] public uint CompletionFlags;
}
