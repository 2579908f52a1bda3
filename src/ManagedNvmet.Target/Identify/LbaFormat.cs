using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Identify;

/// <summary>An LBA format of Identify Namespace, 4 bytes. The fields without a name are 0.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct LbaFormat
{
    public const int Size = 4;

    /// <summary>MS: the size of the metadata of a block in bytes.</summary>
    [FieldOffset(0)] public U16 MetadataSize;

    /// <summary>LBADS: log2 of the block size in bytes.</summary>
    [FieldOffset(2)] public byte DataSizeShift;
}
