namespace ManagedNvmet.Fuzz;

/// <summary>Interprets the input as a list of events on a connection: valid and invalid PDUs, partial sends, aborts, passing time, a
/// shortage of buffers, the end.</summary>
internal static class ConversationTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        var read = new InputReader(input);
        int digests = read.Next(4);
        var hpda = (byte)read.Next(32);
        var harness = new ControllerHarness(
            new ConnectionLimits { MaxH2CDataBytes = 4096, MaxC2HDataBytes = 4096, MaxTransferBytes = 65536, IoInCapsuleBytes = 512 },
            new TestBuffers(read.Next(4), inCapsuleReserve: 1), hpda);
        harness.Connect(
            digests, queueId: (ushort)read.Next(2), queueSize: (ushort)(1 + read.Next(15)), disableFlowControl: read.Next(2) == 1);
        harness.Queue.HoldsExecution = read.Next(2) == 1;
        var grants = new List<ReceivedPdu>();
        while (!read.IsEmpty && harness.Connection.IsOpen)
        {
            Step(ref read, harness, grants, digests);
            grants.AddRange(harness.Read().Where(pdu => pdu.Type == PduType.R2T));
        }
        harness.SendLimit = null;
        harness.HoldsOutput = false;
        harness.Settle();
        FuzzTargets.CheckEnd(harness);
    }

    private static void Step(ref InputReader read, ControllerHarness harness, List<ReceivedPdu> grants, int digests)
    {
        var commandId = (ushort)read.Next(20);
        int size = read.Next(256) * 40;
        switch (read.Next(14))
        {
            case 0:
                Send(ref read, harness, Pdus.Capsule(Entries.Transfer(Entries.Read, commandId, size), digests: digests));
                break;
            case 1:
                Send(ref read, harness, Pdus.Capsule(Entries.Transfer(Entries.Write, commandId, size), digests: digests));
                break;
            case 2:
                size /= 20;
                Send(ref read, harness, Pdus.Capsule(Entries.InCapsule(Entries.Write, commandId, size), new byte[size], digests));
                break;
            case 3:
                Send(ref read, harness, Pdus.Capsule(Entries.Transfer(Entries.Flush, commandId, 0), digests: digests));
                break;
            case 4 or 5 or 6 when grants.Count > 0:
                Answer(ref read, harness, grants, digests);
                break;
            case 7:
                harness.Queue.FinishHeld();
                harness.Settle();
                break;
            case 8:
                harness.Connection.Find(commandId)?.TryAbort(NvmeStatus.CommandAborted);
                harness.Settle();
                break;
            case 9:
                long left = read.Next(256) * 8;
                harness.SendLimit = total =>
                {
                    long taken = Math.Min(left, total);
                    left -= taken;
                    return taken;
                };
                break;
            case 10:
                harness.SendLimit = null;
                harness.Settle();
                break;
            case 11:
                harness.Buffers.AddIo(read.Next(3));
                harness.Settle();
                break;
            case 12:
                harness.Queue.HoldsExecution = read.Next(2) == 1;
                break;
            default:
                Rare(ref read, harness);
                break;
        }
    }

    private static void Rare(ref InputReader read, ControllerHarness harness)
    {
        switch (read.Next(16))
        {
            case 0:
                harness.Connection.CloseAfterSending(CloseReason.ServerStopping);
                break;
            case 1:
                harness.Connection.Close(CloseReason.ServerStopping);
                break;
            case 2:
                harness.Connection.PeerClosed();
                break;
            case 3:
                harness.Send(Pdus.HostTermination(1, 0, new byte[24]));
                break;
            case 4:
                harness.Send(read.Take(read.Next(100)));
                break;
            case 5:
                harness.UsesDirectReceive = !harness.UsesDirectReceive;
                break;
            default:
                harness.Advance(read.Next(100));
                break;
        }
    }

    /// <summary>Sends data for an R2T: all of it, a part, or wrong data.</summary>
    private static void Answer(ref InputReader read, ControllerHarness harness, List<ReceivedPdu> grants, int digests)
    {
        int index = read.Next(grants.Count);
        ReceivedPdu grant = grants[index];
        var length = (int)grant.Length;
        if (read.Next(2) == 0 && length > 8)
        {
            int part = length / 2;
            Send(ref read, harness, Pdus.HostData(grant.CommandId, grant.TransferTag, (int)grant.Offset, new byte[part], false, digests));
            Send(ref read, harness,
                Pdus.HostData(grant.CommandId, grant.TransferTag, (int)grant.Offset + part, new byte[length - part], true, digests));
        }
        else
        {
            Send(ref read, harness, Pdus.HostData(grant.CommandId, grant.TransferTag, (int)grant.Offset, new byte[length], true, digests));
        }
        grants.RemoveAt(index);
    }

    private static void Send(ref InputReader read, ControllerHarness harness, byte[] pdu)
    {
        switch (read.Next(16))
        {
            case 0:
                // Changes one byte, with or without a matching digest.
                pdu = pdu.With(read.Next(Math.Min(pdu.Length, 76)), (byte)read.Next(256));
                break;
            case 1:
                pdu[read.Next(pdu.Length)] ^= (byte)(1 << read.Next(8));
                break;
            case 2:
                int cut = read.Next(pdu.Length);
                harness.Feed(pdu.AsSpan(0, cut));
                pdu = pdu[cut..];
                break;
            default:
                break;
        }
        harness.Send(pdu);
    }
}
