using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Identify;

/// <summary>An LBA format of Identify Namespace, 4 bytes. Fields that are not named are 0.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct LbaFormat
{
    public const int Size = 4;

    /// <summary>MS: bytes of metadata for each block.</summary>
    [FieldOffset(0)] public U16 MetadataSize;

    /// <summary>LBADS: log2 of the bytes of a block.</summary>
    [FieldOffset(2)] public byte DataSizeShift;
}
