namespace ManagedNvmet.Protocol.Tests;

public sealed class TransmitBatchTests
{
    [Fact]
    public void A_new_batch_can_be_filled_at_once()
    {
        ControllerHarness harness = new ControllerHarness();
        harness.HoldsOutput = true;
        harness.Send(Pdus.InitializeRequest());
        var batch = new TransmitBatch();
        harness.Connection.FillTransmit(batch);
        Assert.Equal(128, batch.TotalBytes);
        Assert.Equal(128, batch.Segments[0].Length);
    }

    [Theory]
    [InlineData(3, long.MaxValue)]
    [InlineData(4, long.MaxValue)]
    [InlineData(1024, 1)]
    [InlineData(7, 5000)]
    public void A_small_batch_takes_whole_PDUs_and_the_rest_follows(int segments, long bytes)
    {
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { MaxC2HDataBytes = 4096 }, hpda: 3).Connect(3);
        harness.HoldsOutput = true;
        for (ushort commandId = 0; commandId < 10; commandId++)
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, commandId, 10_000, commandId), digests: 3));
        var batch = new TransmitBatch(segments, bytes);
        var reader = new PduReader(3);
        reader.Read([.. harness.Output]);
        var answer = new List<ReceivedPdu>();
        while (harness.Connection.WantsTransmit)
        {
            batch.Clear();
            harness.Connection.FillTransmit(batch);
            Assert.InRange(batch.Segments.Length, 1, segments);
            foreach (ReadOnlyMemory<byte> segment in batch.Segments)
                answer.AddRange(reader.Read(segment.Span));
            Assert.Equal(0, reader.PendingBytes);
            harness.Connection.Transmitted(batch.TotalBytes);
        }
        Assert.Equal(40, answer.Count);
        for (int commandId = 0; commandId < 10; commandId++)
            Assert.Equal(Pattern.Make(10_000, commandId), answer.Where(pdu => pdu.CommandId == commandId).SelectMany(pdu => pdu.Data));
    }

    [Fact]
    public void Headers_and_responses_that_follow_one_another_are_one_piece()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.HoldsOutput = true;
        for (ushort commandId = 0; commandId < 20; commandId++)
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, commandId, 0)));
        var batch = new TransmitBatch();
        batch.Clear();
        harness.Connection.FillTransmit(batch);
        Assert.Equal(1, batch.Segments.Length);
        Assert.Equal(20 * 24, batch.TotalBytes);
    }
}
