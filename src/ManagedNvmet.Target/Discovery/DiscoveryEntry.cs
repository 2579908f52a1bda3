using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Discovery;

/// <summary>The numbers of a Discovery Log Page Entry, its first 32 bytes; strings follow at their offsets.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = 32)]
internal struct DiscoveryEntry
{
    /// <summary>Bytes of a whole entry, and of the header of the page.</summary>
    public const int Size = 1024;

    public const int ServiceIdOffset = 32;
    public const int ServiceIdBytes = 32;
    public const int SubsystemNqnOffset = 256;
    public const int AddressOffset = 512;
    public const int AddressBytes = 256;

    /// <summary>TRTYPE: 3 for TCP.</summary>
    [FieldOffset(0)] public byte TransportType;

    /// <summary>ADRFAM.</summary>
    [FieldOffset(1)] public byte AddressFamily;

    /// <summary>SUBTYPE: 2 an NVM subsystem, 3 the discovery subsystem that is being asked.</summary>
    [FieldOffset(2)] public byte SubsystemType;

    /// <summary>TREQ.</summary>
    [FieldOffset(3)] public byte TransportRequirements;

    /// <summary>PORTID.</summary>
    [FieldOffset(4)] public U16 PortId;

    /// <summary>CNTLID: FFFFh for the dynamic controller model.</summary>
    [FieldOffset(6)] public U16 ControllerId;

    /// <summary>ASQSZ: entries of the admin submission queue.</summary>
    [FieldOffset(8)] public U16 AdminQueueEntries;

    /// <summary>EFLAGS.</summary>
    [FieldOffset(10)] public U16 Flags;
}
