using System.Numerics;
using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Identify;

/// <summary>Identify Controller, 4096 bytes. The fields without a name are 0, because the target does not have those abilities.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct ControllerData
{
    public const int Size = 4096;

    /// <summary>VWC bit 0: a volatile write cache is present.</summary>
    public const byte CachePresent = 1 << 0;

    /// <summary>VWC bits 2:1 = 11b: Flush with NSID FFFFFFFFh flushes all namespaces.</summary>
    public const byte FlushesAll = 3 << 1;

    private const byte MultiPortMultiController = 3;
    private const byte ReportsAna = 1 << 3;

    // The target reports all five states. The group of a namespace can change (bit 6 is 0), but not by a host (bit 7 is 0).
    private const byte AnaStates = 0x1F;
    private const uint HostIdentifier128 = 1 << 0;
    private const uint TrafficBasedKeepAlive = 1 << 6;
    private const byte RecommendedBurst = 6;
    private const byte IoController = 1;
    private const byte DiscoveryController = 2;

    // Hosts may register with a direct discovery controller; some do it automatically.
    private const byte DirectDiscovery = 1;
    private const byte OneReadOnlyFirmwareSlot = 1 | (1 << 1);
    private const byte SubmissionEntryShift = 6;
    private const byte CompletionEntryShift = 4;

    // SGLs without alignment, SGLs with an offset as address (data in the capsule), and Transport SGL Data Blocks.
    private const uint SglSupport = 1 | (1 << 20) | (1 << 21);

    private const byte DisconnectType = 0x08;
    private const int CapsuleUnit = 16;
    private const int MinPageBytes = 4096;

    /// <summary>SN.</summary>
    [FieldOffset(4)] public Bytes20 SerialNumber;

    /// <summary>MN.</summary>
    [FieldOffset(24)] public Bytes40 ModelNumber;

    /// <summary>FR.</summary>
    [FieldOffset(64)] public Bytes8 FirmwareRevision;

    /// <summary>RAB: log2 of the number of commands in a burst.</summary>
    [FieldOffset(72)] public byte RecommendedArbitrationBurst;

    /// <summary>CMIC.</summary>
    [FieldOffset(76)] public byte MultiPath;

    /// <summary>MDTS: log2, in units of 4096 bytes.</summary>
    [FieldOffset(77)] public byte MaxTransfer;

    /// <summary>CNTLID.</summary>
    [FieldOffset(78)] public U16 ControllerId;

    /// <summary>VER.</summary>
    [FieldOffset(80)] public U32 Version;

    /// <summary>OAES.</summary>
    [FieldOffset(92)] public U32 AsyncEvents;

    /// <summary>CTRATT.</summary>
    [FieldOffset(96)] public U32 Attributes;

    /// <summary>CNTRLTYPE.</summary>
    [FieldOffset(111)] public byte ControllerType;

    /// <summary>ACL, 0's based.</summary>
    [FieldOffset(258)] public byte AbortLimit;

    /// <summary>AERL, 0's based.</summary>
    [FieldOffset(259)] public byte AsyncEventRequestLimit;

    /// <summary>FRMW.</summary>
    [FieldOffset(260)] public byte FirmwareUpdates;

    /// <summary>LPA.</summary>
    [FieldOffset(261)] public byte LogPageAttributes;

    /// <summary>ELPE, 0's based.</summary>
    [FieldOffset(262)] public byte ErrorLogEntries;

    /// <summary>KAS in units of 100 ms.</summary>
    [FieldOffset(320)] public U16 KeepAliveGranularity;

    /// <summary>ANATT in seconds.</summary>
    [FieldOffset(342)] public byte AnaTransitionSeconds;

    /// <summary>ANACAP.</summary>
    [FieldOffset(343)] public byte AnaCapabilities;

    /// <summary>ANAGRPMAX.</summary>
    [FieldOffset(344)] public U32 HighestAnaGroup;

    /// <summary>NANAGRPID.</summary>
    [FieldOffset(348)] public U32 AnaGroupCount;

    /// <summary>SQES: log2 of the smallest and the largest entry size in bytes.</summary>
    [FieldOffset(512)] public byte SubmissionEntrySize;

    /// <summary>CQES: log2 of the smallest and the largest entry size in bytes.</summary>
    [FieldOffset(513)] public byte CompletionEntrySize;

    /// <summary>MAXCMD.</summary>
    [FieldOffset(514)] public U16 MaxCommands;

    /// <summary>NN.</summary>
    [FieldOffset(516)] public U32 NamespaceCount;

    /// <summary>ONCS.</summary>
    [FieldOffset(520)] public U16 OptionalSupport;

    /// <summary>VWC.</summary>
    [FieldOffset(525)] public byte VolatileWriteCache;

    /// <summary>SGLS.</summary>
    [FieldOffset(536)] public U32 SglsSupport;

    /// <summary>MNAN.</summary>
    [FieldOffset(540)] public U32 MaxNamespaces;

    /// <summary>SUBNQN, NUL terminated.</summary>
    [FieldOffset(768)] public BytesNqn SubsystemNqn;

    /// <summary>IOCCSZ in units of 16 bytes.</summary>
    [FieldOffset(1792)] public U32 IoCommandCapsuleSize;

    /// <summary>IORCSZ in units of 16 bytes.</summary>
    [FieldOffset(1796)] public U32 IoResponseCapsuleSize;

    /// <summary>MSDBD.</summary>
    [FieldOffset(1803)] public byte MaxSglDescriptors;

    /// <summary>OFCS: optional Fabrics commands; bit 0 for Disconnect.</summary>
    [FieldOffset(1804)] public U16 OptionalFabricsCommands;

    /// <summary>DCTYPE.</summary>
    [FieldOffset(1806)] public byte DiscoveryControllerType;

    /// <summary>Fills the structure with the data of a controller.</summary>
    public static void Fill(Span<byte> page, ControllerFacts facts)
    {
        TargetLimits limits = facts.Limits;
        ref ControllerData data = ref WireStruct.Begin<ControllerData>(page);
        AsciiField.Write(data.SerialNumber, facts.SerialNumber);
        AsciiField.Write(data.ModelNumber, facts.ModelNumber);
        AsciiField.Write(data.FirmwareRevision, facts.FirmwareRevision);
        data.RecommendedArbitrationBurst = RecommendedBurst;
        data.MultiPath = MultiPortMultiController;
        data.MaxTransfer = (byte)BitOperations.Log2((uint)(limits.Connection.MaxTransferBytes / MinPageBytes));
        data.ControllerId = facts.ControllerId;
        data.Version = ControllerEnvironment.SpecificationVersion;
        data.AsyncEvents = (uint)facts.AsyncEvents;
        data.Attributes = HostIdentifier128 | TrafficBasedKeepAlive;
        data.ControllerType = facts.IsDiscovery ? DiscoveryController : IoController;
        data.AbortLimit = ZeroBased(limits.MaxAborts);
        data.AsyncEventRequestLimit = ZeroBased(limits.MaxAsyncEventRequests);
        data.FirmwareUpdates = OneReadOnlyFirmwareSlot;
        data.LogPageAttributes = facts.LogPageAttributes;
        data.ErrorLogEntries = ZeroBased(limits.ErrorLogEntries);
        data.KeepAliveGranularity = (ushort)limits.KeepAliveGranularity;
        data.SubmissionEntrySize = SubmissionEntryShift | (SubmissionEntryShift << 4);
        data.CompletionEntrySize = CompletionEntryShift | (CompletionEntryShift << 4);
        data.MaxCommands = (ushort)Math.Min(facts.IsDiscovery ? limits.MaxAdminQueueEntries : limits.MaxQueueEntries, ushort.MaxValue);
        data.OptionalSupport = (ushort)facts.OptionalSupport;
        data.SglsSupport = SglSupport;
        facts.SubsystemNqn.WriteField(data.SubsystemNqn);
        data.IoResponseCapsuleSize = CompletionEntry.Size / CapsuleUnit;
        data.MaxSglDescriptors = 1;
        if (facts.IsDiscovery)
        {
            data.IoCommandCapsuleSize = SubmissionEntry.Size / CapsuleUnit;
            data.DiscoveryControllerType = DirectDiscovery;
            return;
        }
        data.MultiPath |= ReportsAna;
        data.AnaTransitionSeconds = (byte)limits.AnaTransitionSeconds;
        data.AnaCapabilities = AnaStates;
        data.HighestAnaGroup = limits.MaxAnaGroups;
        data.AnaGroupCount = limits.MaxAnaGroups;
        data.IoCommandCapsuleSize = (uint)(SubmissionEntry.Size + limits.Connection.IoInCapsuleBytes) / CapsuleUnit;
        data.NamespaceCount = limits.MaxNamespaces;
        data.MaxNamespaces = limits.MaxNamespaces;
        data.OptionalFabricsCommands = (ushort)(facts.Commands.Fabrics[DisconnectType] is null ? 0 : 1);
        data.VolatileWriteCache = (byte)(FlushesAll | (facts.HasVolatileWriteCache ? CachePresent : 0));
    }

    private static byte ZeroBased(int count) => (byte)(count - 1);
}
