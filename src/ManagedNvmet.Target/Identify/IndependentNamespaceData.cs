using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Identify;

/// <summary>I/O Command Set independent Identify Namespace, 4096 bytes. The fields without a name are 0.</summary>
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

    /// <summary>ANAGRPID.</summary>
    [FieldOffset(4)] public U32 AnaGroup;

    /// <summary>NSATTR.</summary>
    [FieldOffset(8)] public byte Attributes;

    /// <summary>NSTAT.</summary>
    [FieldOffset(14)] public byte Status;

    /// <summary>Fills the structure with the data of a namespace.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="described">The namespace.</param>
    /// <param name="isWriteProtected">True when the host may not write to the namespace.</param>
    public static void Fill(Span<byte> page, Namespace described, bool isWriteProtected)
    {
        ref IndependentNamespaceData data = ref WireStruct.Begin<IndependentNamespaceData>(page);
        data.Features = described.Properties.HasVolatileCache ? (byte)0 : CacheNotPresent;
        data.MultiPath = NamespaceData.Shared;
        data.Attributes = isWriteProtected ? NamespaceData.WriteProtected : (byte)0;
        data.AnaGroup = described.AnaGroup;
        data.Status = Ready;
    }
}
