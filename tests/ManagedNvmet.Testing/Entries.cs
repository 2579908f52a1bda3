using System.Text;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Testing;

/// <summary>Submission queue entries as a host fills them in.</summary>
public static class Entries
{
    public const byte Flush = 0x00;
    public const byte Write = 0x01;
    public const byte Read = 0x02;
    public const byte AsyncEventRequest = 0x0C;
    public const byte KeepAlive = 0x18;
    public const int ConnectDataBytes = 1024;

    public static SubmissionEntry Connect(ushort commandId, ushort queueId = 0, ushort queueSize = 31, bool disableFlowControl = false,
        uint keepAliveMilliseconds = 0)
    {
        SubmissionEntry entry = InCapsule(SubmissionEntry.FabricsOpcode, commandId, ConnectDataBytes);
        entry.FabricsType = 0x01;
        entry.Cdw10 = (uint)queueId << 16;
        entry.Cdw11 = queueSize | (disableFlowControl ? 4u << 16 : 0);
        entry.Cdw12 = keepAliveMilliseconds;
        return entry;
    }

    public static byte[] ConnectData(string subsystem = "nqn.2026-11.com.example:disk1", string host = "nqn.2026-11.com.example:host1",
        ushort controllerId = 0xFFFF)
    {
        var data = new byte[ConnectDataBytes];
        Pattern.Fill(data.AsSpan(0, 16), 7);
        data[16] = (byte)controllerId;
        data[17] = (byte)(controllerId >> 8);
        Encoding.UTF8.GetBytes(subsystem, data.AsSpan(256, 256));
        Encoding.UTF8.GetBytes(host, data.AsSpan(512, 256));
        return data;
    }

    /// <summary>A Fabrics command of this FCTYPE.</summary>
    public static SubmissionEntry Fabrics(byte type) => new() { Opcode = SubmissionEntry.FabricsOpcode, FabricsType = type };

    /// <summary>A command whose data goes in C2HData or H2CData PDUs, or that has none.</summary>
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

    /// <summary>A command whose data is in the capsule.</summary>
    public static SubmissionEntry InCapsule(byte opcode, ushort commandId, int bytes, uint cdw10 = 0)
    {
        SubmissionEntry entry = Transfer(opcode, commandId, bytes, cdw10);
        entry.SglType = SubmissionEntry.SglInCapsule;
        return entry;
    }
}
