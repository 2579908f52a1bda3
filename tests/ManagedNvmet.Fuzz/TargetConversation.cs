using System.Buffers.Binary;

namespace ManagedNvmet.Fuzz;

/// <summary>Interprets the input as commands to a complete target, on an admin queue, an I/O queue and a discovery queue, with any opcode
/// and any field values.</summary>
internal static class TargetConversation
{
    private const int EntryBytes = 64;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var read = new InputReader(input);
        var target = new TestTarget();
        ControllerHarness admin = Connect(target, 0, read.Next(2) == 1 ? 1000u : 0);
        ControllerHarness io = Connect(target, 1, 0);
        ControllerHarness discovery = Connect(target, 0, 0, "nqn.2014-08.org.nvmexpress.discovery");
        ControllerHarness[] queues = [admin, io, discovery];
        var grants = new List<(ControllerHarness Queue, ReceivedPdu Grant)>();
        while (!read.IsEmpty)
        {
            ControllerHarness queue = queues[read.Next(3)];
            switch (read.Next(16))
            {
                case 0:
                    target.Device.Holds = !target.Device.Holds;
                    target.Device.CompleteHeld();
                    break;
                case 1:
                    target.Advance(read.Next(256) * 10);
                    break;
                case 2 when grants.Count > 0:
                    Answer(grants);
                    break;
                case 3:
                    queue.Connection.PeerClosed();
                    break;
                case 4:
                    queue = queues[1] = Connect(target, (ushort)read.Next(4), 0);
                    break;
                default:
                    SendCommand(ref read, queue);
                    break;
            }
            target.Settle();
            foreach (ControllerHarness each in target.Connections)
                grants.AddRange(each.Read().Where(pdu => pdu.Type == PduType.R2T).Select(pdu => (each, pdu)));
            while (grants.Count > 8)
            {
                Answer(grants);
                target.Settle();
            }
        }
        foreach (string leak in target.CloseAndFindLeaks())
            FuzzTargets.Require(false, leak);
    }

    private static ControllerHarness Connect(TestTarget target, ushort queueId, uint keepAlive, string subsystem = TestTarget.SubsystemNqn)
    {
        ControllerHarness queue = target.Open();
        queue.Initialize();
        queue.Send(Pdus.Capsule(Entries.Connect(0, queueId, 31, keepAliveMilliseconds: keepAlive),
            Entries.ConnectData(subsystem, controllerId: queueId == 0 ? (ushort)0xFFFF : (ushort)1)));
        if (queueId != 0)
            return queue;

        // Controller Configuration (CC): enabled, with 64-byte submission and 16-byte completion queue entries.
        SubmissionEntry enable = Entries.Transfer(SubmissionEntry.FabricsOpcode, 1, 0);
        enable.NamespaceId = 0;
        enable.Cdw11 = 0x14;
        enable.Cdw12 = 0x0046_0001;
        queue.Send(Pdus.Capsule(enable));
        return queue;
    }

    private static void Answer(List<(ControllerHarness Queue, ReceivedPdu Grant)> grants)
    {
        (ControllerHarness queue, ReceivedPdu grant) = grants[0];
        grants.RemoveAt(0);
        if (queue.Connection.IsOpen)
            queue.Send(Pdus.HostData(grant.CommandId, grant.TransferTag, (int)grant.Offset, Pattern.Make((int)grant.Length, 1), true));
    }

    private static void SendCommand(ref InputReader read, ControllerHarness queue)
    {
        int form = read.Next(8);
        Span<byte> bytes = stackalloc byte[EntryBytes];
        bytes[0] = form < 6 ? KnownOpcodes[read.Next(KnownOpcodes.Length)] : (byte)read.Next(256);
        bytes[1] = SubmissionEntry.PsdtSgl;
        bytes[2] = (byte)read.Next(64);
        read.Take(read.Next(24)).CopyTo(bytes[40..]);
        int length = read.Next(4) * 1024;
        if (form % 2 == 0)
            length = 4096;
        if (form == 3)
            read.Take(1 + read.Next(3)).CopyTo(bytes[1..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], read.Next(4) switch { 0 => 0, 1 => -1, 2 => read.Next(256), _ => 1 });
        bool isInCapsule = (bytes[0] == SubmissionEntry.FabricsOpcode ? bytes[4] & 3 : bytes[0] & 3) == 1 && read.Next(2) == 0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], length);
        bytes[39] = isInCapsule ? SubmissionEntry.SglInCapsule : SubmissionEntry.SglTransport;
        byte[] data = [];
        if (isInCapsule && length > 0)
        {
            data = new byte[length];
            read.Take(64).CopyTo(data);
        }
        queue.Send(Pdus.Capsule(WireStruct.Read<SubmissionEntry>(bytes), data));
    }

    private static ReadOnlySpan<byte> KnownOpcodes =>
        [0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x0C, 0x0D, 0x0E, 0x11, 0x15, 0x18, 0x19, 0x7F, 0x7F];
}
