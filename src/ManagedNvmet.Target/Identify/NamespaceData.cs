using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Identify;

/// <summary>Identify Namespace of the NVM command set, 4096 bytes. Fields that are not named are 0.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct NamespaceData
{
    public const int Size = 4096;

    /// <summary>NMIC bit 0: may be attached to several controllers.</summary>
    public const byte Shared = 1 << 0;

    /// <summary>NSATTR bit 0: write protected.</summary>
    public const byte WriteProtected = 1 << 0;

    // NSFEAT bit 4: NPWG, NPWA, NPDG, NPDA and NOWS have a meaning. Bit 1 (NSABP) stays clear: a device says nothing about power
    // failure in the middle of more than one block, and Linux hands NAWUPF on to applications as a promise.
    private const byte OptimalPerformance = 1 << 4;

    private const byte DeallocatedReadsZero = 1;
    private const byte WriteZeroesDeallocates = 1 << 3;

    /// <summary>NSZE in blocks.</summary>
    [FieldOffset(0)] public U64 BlockCount;

    /// <summary>NCAP in blocks.</summary>
    [FieldOffset(8)] public U64 Capacity;

    /// <summary>NUSE in blocks.</summary>
    [FieldOffset(16)] public U64 Utilization;

    /// <summary>NSFEAT.</summary>
    [FieldOffset(24)] public byte Features;

    /// <summary>NMIC.</summary>
    [FieldOffset(30)] public byte MultiPath;

    /// <summary>DLFEAT.</summary>
    [FieldOffset(33)] public byte DeallocateFeatures;

    /// <summary>NVMCAP in bytes.</summary>
    [FieldOffset(48)] public U128 CapacityBytes;

    /// <summary>NPWG, 0's based, in blocks.</summary>
    [FieldOffset(64)] public U16 PreferredWriteGranularity;

    /// <summary>NPWA, 0's based, in blocks.</summary>
    [FieldOffset(66)] public U16 PreferredWriteAlignment;

    /// <summary>NPDG, 0's based, in blocks.</summary>
    [FieldOffset(68)] public U16 PreferredDeallocateGranularity;

    /// <summary>NPDA, 0's based, in blocks.</summary>
    [FieldOffset(70)] public U16 PreferredDeallocateAlignment;

    /// <summary>NOWS, 0's based, in blocks.</summary>
    [FieldOffset(72)] public U16 OptimalWriteSize;

    /// <summary>ANAGRPID.</summary>
    [FieldOffset(92)] public U32 AnaGroup;

    /// <summary>NSATTR.</summary>
    [FieldOffset(99)] public byte Attributes;

    /// <summary>NGUID, most significant byte first.</summary>
    [FieldOffset(104)] public Bytes16 Nguid;

    /// <summary>EUI64, most significant byte first.</summary>
    [FieldOffset(120)] public Bytes8 Eui64;

    /// <summary>LBAF0: the one format (NLBAF = 0, FLBAS = 0).</summary>
    [FieldOffset(128)] public LbaFormat Format;

    /// <summary>Describes a namespace.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="described">The namespace.</param>
    /// <param name="isWriteProtected">The host that asks may not write.</param>
    public static void Fill(Span<byte> page, Namespace described, bool isWriteProtected)
    {
        BlockDeviceProperties properties = described.Properties;
        ref NamespaceData data = ref WireStruct.Begin<NamespaceData>(page);
        data.BlockCount = properties.BlockCount;
        data.Capacity = properties.BlockCount;
        data.Utilization = properties.BlockCount;
        data.Features = OptimalPerformance;
        data.MultiPath = Shared;
        data.DeallocateFeatures = DeallocateFeaturesOf(properties);
        data.CapacityBytes = (UInt128)properties.BlockCount * (uint)properties.BlockSize;
        ushort write = ZeroBasedBlocks(properties.PhysicalBlockSize, properties.BlockSize);
        ushort deallocate = ZeroBasedBlocks(properties.DeallocateGranularity, properties.BlockSize);
        data.PreferredWriteGranularity = write;
        data.PreferredWriteAlignment = write;
        data.OptimalWriteSize = write;
        data.PreferredDeallocateGranularity = deallocate;
        data.PreferredDeallocateAlignment = deallocate;
        data.Attributes = isWriteProtected ? WriteProtected : (byte)0;
        data.AnaGroup = described.AnaGroup;
        BinaryPrimitives.WriteUInt128BigEndian(data.Nguid, described.Identity.Nguid);
        BinaryPrimitives.WriteUInt64BigEndian(data.Eui64, described.Identity.Eui64);
        data.Format.DataSizeShift = (byte)described.BlockShift;
    }

    // Only together do they promise something: what can be deallocated, and what it reads as then.
    private static byte DeallocateFeaturesOf(BlockDeviceProperties properties) =>
        properties.Has(BlockDeviceCapabilities.Deallocate | BlockDeviceCapabilities.DeallocatedReadsZero)
            ? (byte)(DeallocatedReadsZero | WriteZeroesDeallocates)
            : (byte)0;

    // A granularity too large for the field is told as the largest that fits: smaller pieces are still correct, just without effect.
    private static ushort ZeroBasedBlocks(int bytes, int blockSize) => (ushort)Math.Clamp(bytes / blockSize - 1, 0, ushort.MaxValue);
}
