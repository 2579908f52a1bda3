using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Native;

/// <summary>struct io_uring_sqe, the fields that are used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct UringSubmission
{
    public const byte OpcodeFsync = 3;
    public const byte OpcodeReadFixed = 4;
    public const byte OpcodeWriteFixed = 5;
    public const byte OpcodeSendMessage = 9;
    public const byte OpcodeFallocate = 17;
    public const byte OpcodeRead = 22;
    public const byte OpcodeWrite = 23;
    public const byte OpcodeReceive = 27;

    [FieldOffset(0)] public byte Opcode;
    [FieldOffset(4)] public int Fd;
    [FieldOffset(8)] public ulong Offset;
    [FieldOffset(16)] public ulong Address;
    [FieldOffset(24)] public uint Length;
    [FieldOffset(28)] public uint OperationFlags;
    [FieldOffset(32)] public ulong UserData;
    [FieldOffset(40)] public ushort BufferIndex;
}
