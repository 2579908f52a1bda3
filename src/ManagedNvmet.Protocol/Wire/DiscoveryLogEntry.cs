using System.Runtime.InteropServices;

namespace ManagedNvmet.Protocol.Wire;

/// <summary>The numeric fields of a Discovery Log Page Entry, its first 32 bytes; the text fields follow at their offsets (NVM Express Base
/// Specification, "Discovery Log Page").</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = 32)]
public struct DiscoveryLogEntry
{
    /// <summary>Bytes of a whole entry, and of the header of the page.</summary>
    public const int Size = 1024;

    /// <summary>Offset of the Number of Records (NUMREC) in the header of the page, 8 bytes.</summary>
    public const int RecordCountOffset = 8;

    /// <summary>Offset of the Subsystem Type (SUBTYPE), 1 byte.</summary>
    public const int SubsystemTypeOffset = 2;

    /// <summary>Offset of the Transport Service Identifier (TRSVCID).</summary>
    public const int ServiceIdOffset = 32;

    /// <summary>Bytes of TRSVCID.</summary>
    public const int ServiceIdBytes = 32;

    /// <summary>Offset of the NVM Subsystem NQN (SUBNQN), <see cref="Nqn.FieldBytes"/> bytes.</summary>
    public const int SubsystemNqnOffset = 256;

    /// <summary>Offset of the Transport Address (TRADDR).</summary>
    public const int AddressOffset = 512;

    /// <summary>Bytes of TRADDR.</summary>
    public const int AddressBytes = 256;

    /// <summary>TRTYPE: TCP.</summary>
    public const byte TransportTcp = 3;

    /// <summary>SUBTYPE: a referral to another discovery subsystem.</summary>
    public const byte DiscoverySubsystem = 1;

    /// <summary>SUBTYPE: the discovery subsystem that was asked.</summary>
    public const byte CurrentDiscoverySubsystem = 3;

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
