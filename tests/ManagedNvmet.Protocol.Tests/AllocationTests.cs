namespace ManagedNvmet.Protocol.Tests;

/// <summary>A command allocates nothing in the controller's end of a connection, once slots, queues and buffers exist.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 2000;
    private const int WarmUpRounds = 100;

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(0, true)]
    [InlineData(3, true)]
    public void Reads_and_writes_in_every_form_allocate_nothing(int digests, bool disableFlowControl)
    {
        var buffers = new TestBuffers { PoisonsReturned = false };
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { MaxC2HDataBytes = 4096, MaxH2CDataBytes = 4096 }, buffers)
            .Connect(digests, disableFlowControl: disableFlowControl);
        harness.Queue.RecordsWrites = false;
        byte[] first =
        [
            .. Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 512, 3), digests: digests),
            .. Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 8192, 4), digests: digests),
            .. Pdus.Capsule(Entries.InCapsule(Entries.Write, 3, 512), new byte[512], digests),
            .. Pdus.Capsule(Entries.Transfer(Entries.Flush, 4, 0), digests: digests),
            .. Pdus.Capsule(Entries.Transfer(Entries.Write, 5, 6000), digests: digests),
        ];
        byte[][] data =
        [
            Pdus.HostData(5, 0, 0, new byte[1000], false, digests),
            Pdus.HostData(5, 0, 1000, new byte[3096], true, digests),
            Pdus.HostData(5, 0, 4096, new byte[6000 - 4096], true, digests),
        ];
        var batch = new TransmitBatch();
        Repeat(harness.Connection, batch, first, data, WarmUpRounds);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(harness.Connection, batch, first, data, Rounds);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.True(harness.Connection.IsOpen);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        Assert.Equal(1 + (5 * (Rounds + WarmUpRounds)), harness.Queue.Executions);
    }

    private static void Repeat(ControllerConnection connection, TransmitBatch batch, byte[] commands, byte[][] data, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            Drive(connection, batch, commands);

            // The transfer tag is the index of the slot, and the connection uses the slots in turn.
            var tag = (byte)connection.Find(5)!.Index;
            foreach (byte[] pdu in data)
            {
                pdu[10] = tag;
                if ((pdu[1] & 1) != 0)
                    Pdus.SealHeader(pdu);
                Drive(connection, batch, pdu);
            }
        }
    }

    /// <summary>Receives the stream in two pieces and sends in pieces of 1000 bytes, as a network may do.</summary>
    private static void Drive(ControllerConnection connection, TransmitBatch batch, byte[] stream)
    {
        connection.Received(stream.AsMemory(0, stream.Length / 3));
        connection.Received(stream.AsMemory(stream.Length / 3));
        while (connection.WantsTransmit)
        {
            batch.Clear();
            connection.FillTransmit(batch);
            connection.Transmitted(Math.Min(1000, batch.TotalBytes));
        }
    }
}
