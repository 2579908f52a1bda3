using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Identify;

/// <summary>I/O Command Set independent Identify Namespace, 4096 bytes. Fields that are not named are 0.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct IndependentNamespaceData
{
    public const int Size = 4096;

    private const byte CacheNotPresent = 1 << 5;
    private const byte Ready = 1 << 0;

    /// <summary>NSFEAT.</summary>
    [FieldOffset(0)] public byte Features;

    /// <summary>NMIC.</summary>
    [FieldOffset(1)] public byte MultiPath;

    /// <summary>NSATTR.</summary>
    [FieldOffset(8)] public byte Attributes;

    /// <summary>NSTAT.</summary>
    [FieldOffset(14)] public byte Status;

    /// <summary>Describes a namespace.</summary>
    public static void Fill(Span<byte> page, Namespace described)
    {
        ref IndependentNamespaceData data = ref WireStruct.Begin<IndependentNamespaceData>(page);
        data.Features = described.Properties.HasVolatileCache ? (byte)0 : CacheNotPresent;
        data.MultiPath = NamespaceData.Shared;
        data.Attributes = described.IsWriteProtected ? NamespaceData.WriteProtected : (byte)0;
        data.Status = Ready;
    }
}
