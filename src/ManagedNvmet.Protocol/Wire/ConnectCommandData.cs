using System.Buffers.Binary;

namespace ManagedNvmet.Protocol.Wire;

/// <summary>The data of a Connect command, 1024 bytes (NVM Express Base Specification, "Connect command").</summary>
public static class ConnectCommandData
{
    /// <summary>Bytes of the data.</summary>
    public const int Size = 1024;

    /// <summary>Offset of the Host Identifier (HOSTID).</summary>
    public const int HostIdOffset = 0;

    /// <summary>Bytes of the Host Identifier.</summary>
    public const int HostIdBytes = 16;

    /// <summary>Offset of the Controller ID (CNTLID), 2 bytes.</summary>
    public const int ControllerIdOffset = 16;

    /// <summary>Offset of the NVM Subsystem NQN (SUBNQN), <see cref="Nqn.FieldBytes"/> bytes.</summary>
    public const int SubsystemNqnOffset = 256;

    /// <summary>Offset of the Host NQN (HOSTNQN), <see cref="Nqn.FieldBytes"/> bytes.</summary>
    public const int HostNqnOffset = 512;

    /// <summary>CNTLID on the admin queue: any controller of the dynamic controller model.</summary>
    public const ushort DynamicControllerId = 0xFFFF;

    /// <summary>CATTR bit in command dword 11: disable SQ flow control.</summary>
    public const uint DisableFlowControl = 1 << 18;

    /// <summary>Writes the fields. The caller clears the rest.</summary>
    /// <param name="data"><see cref="Size"/> bytes.</param>
    /// <param name="hostId">HOSTID, written big-endian.</param>
    /// <param name="controllerId">CNTLID.</param>
    /// <param name="subsystem">SUBNQN.</param>
    /// <param name="host">HOSTNQN.</param>
    public static void Write(Span<byte> data, Guid hostId, ushort controllerId, Nqn subsystem, Nqn host)
    {
        hostId.TryWriteBytes(data[HostIdOffset..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16LittleEndian(data[ControllerIdOffset..], controllerId);
        subsystem.WriteField(data.Slice(SubsystemNqnOffset, Nqn.FieldBytes));
        host.WriteField(data.Slice(HostNqnOffset, Nqn.FieldBytes));
    }

    /// <summary>CNTLID of the data.</summary>
    public static ushort ControllerId(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt16LittleEndian(data[ControllerIdOffset..]);
}
