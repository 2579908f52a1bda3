using System.Buffers.Binary;
using System.Text;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Testing;

/// <summary>Creates submission queue entries as a host does.</summary>
public static class Entries
{
    public const byte Flush = NvmOpcode.Flush;
    public const byte Write = NvmOpcode.Write;
    public const byte Read = NvmOpcode.Read;
    public const byte AsyncEventRequest = AdminOpcode.AsyncEventRequest;
    public const byte KeepAlive = AdminOpcode.KeepAlive;
    public const int ConnectDataBytes = ConnectCommandData.Size;

    public static SubmissionEntry Connect(ushort commandId, ushort queueId = 0, ushort queueSize = 31, bool disableFlowControl = false,
        uint keepAliveMilliseconds = 0)
    {
        SubmissionEntry entry = InCapsule(SubmissionEntry.FabricsOpcode, commandId, ConnectDataBytes);
        entry.FabricsType = FabricsCommandType.Connect;
        entry.Cdw10 = (uint)queueId << 16;
        entry.Cdw11 = queueSize | (disableFlowControl ? ConnectCommandData.DisableFlowControl : 0);
        entry.Cdw12 = keepAliveMilliseconds;
        return entry;
    }

    public static byte[] ConnectData(string subsystem = "nqn.2026-11.com.example:disk1", string host = "nqn.2026-11.com.example:host1",
        ushort controllerId = 0xFFFF)
    {
        var data = new byte[ConnectDataBytes];
        Pattern.Fill(data.AsSpan(ConnectCommandData.HostIdOffset, ConnectCommandData.HostIdBytes), 7);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(ConnectCommandData.ControllerIdOffset), controllerId);

        // Not as Nqn.WriteField: a test may send a name that is none.
        Encoding.UTF8.GetBytes(subsystem, data.AsSpan(ConnectCommandData.SubsystemNqnOffset, Nqn.FieldBytes));
        Encoding.UTF8.GetBytes(host, data.AsSpan(ConnectCommandData.HostNqnOffset, Nqn.FieldBytes));
        return data;
    }

    /// <summary>Creates a Fabrics command with this FCTYPE.</summary>
    public static SubmissionEntry Fabrics(byte type) => new() { Opcode = SubmissionEntry.FabricsOpcode, FabricsType = type };

    /// <summary>Creates a command whose data travels in C2HData or H2CData PDUs, or that has no data.</summary>
    public static SubmissionEntry Transfer(byte opcode, ushort commandId, int bytes, uint cdw10 = 0)
    {
        SubmissionEntry entry = default;
        entry.Opcode = opcode;
        entry.Flags = SubmissionEntry.PsdtSgl;
        entry.CommandId = commandId;
        entry.NamespaceId = 1;
        entry.SglLength = (uint)bytes;
        entry.SglType = SubmissionEntry.SglTransport;
        entry.Cdw10 = cdw10;
        return entry;
    }

    /// <summary>Creates a command with in-capsule data.</summary>
    public static SubmissionEntry InCapsule(byte opcode, ushort commandId, int bytes, uint cdw10 = 0)
    {
        SubmissionEntry entry = Transfer(opcode, commandId, bytes, cdw10);
        entry.SglType = SubmissionEntry.SglInCapsule;
        return entry;
    }
}
