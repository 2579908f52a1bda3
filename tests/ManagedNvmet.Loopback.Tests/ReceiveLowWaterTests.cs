using System.Net.Sockets;
using ManagedNvmet.Protocol.Connection;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>A connection that waits for much of a PDU's data is woken when much of it has arrived, and misses nothing else.</summary>
public sealed class ReceiveLowWaterTests
{
    private const int HeaderBytes = 24;
    private const int LargeBytes = 256 * 1024;

    [Theory]
    [InlineData(8 * 1024 - 1, 1)]
    [InlineData(8 * 1024, 8 * 1024)]
    [InlineData(20_000, 20_000)]
    [InlineData(32 * 1024, 32 * 1024)]
    [InlineData(LargeBytes, 32 * 1024)]
    public void The_mark_is_the_missing_data_up_to_32_KiB_and_one_byte_below_8_KiB_and_after_the_write(int bytes, int mark)
    {
        using ServedConnection served = new ServedConnection().Connect();
        byte[] data = served.BeginWrite(bytes);
        Assert.Equal(1, served.LowWater);
        served.Host.Send(data, 0, HeaderBytes, SocketFlags.None);
        Assert.True(SpinWait.SpinUntil(() => served.LowWater == mark && served.Get(() => served.Queue.Connection.MissingBytes) == bytes,
            ServedConnection.Patience));

        served.Host.Send(data, HeaderBytes, bytes, SocketFlags.None);
        served.Receive(24);
        Assert.True(SpinWait.SpinUntil(() => served.LowWater == 1, ServedConnection.Patience));
        Assert.Equal(data[HeaderBytes..], served.Get(() => served.Queue.Writes.Single()));
    }

    [Fact]
    public void A_large_write_in_small_packets_takes_one_receive_for_each_32_KiB()
    {
        using ServedConnection served = new ServedConnection().Connect();
        byte[] data = served.BeginWrite(LargeBytes);
        long before = served.Get(() => served.Context.ReceiveCount);
        for (int sent = 0; sent < data.Length; sent += 1000)
            served.Host.Send(data, sent, Math.Min(1000, data.Length - sent), SocketFlags.None);
        served.Receive(24);

        // The header comes alone, and the last receives are for less.
        Assert.InRange(served.Get(() => served.Context.ReceiveCount) - before, 1, (LargeBytes / (32 * 1024)) + 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_host_that_goes_in_the_middle_of_a_write_is_noticed_below_the_mark(bool isReset)
    {
        using ServedConnection served = new ServedConnection().Connect();
        byte[] data = served.BeginWrite(LargeBytes);
        served.Host.Send(data, 0, HeaderBytes + 1000, SocketFlags.None);
        Assert.True(SpinWait.SpinUntil(() => served.LowWater > 1, ServedConnection.Patience));
        if (isReset)
            served.Host.LingerState = new LingerOption(true, 0);
        served.Host.Close();
        served.AwaitClosed();
        Assert.Equal([CloseReason.PeerClosed], served.Queue.CloseReasons);
        Assert.DoesNotContain((ushort)2, served.Queue.Executed);
    }

    [Fact]
    public void A_timer_fires_while_the_data_of_a_write_is_below_the_mark()
    {
        using ServedConnection served = new ServedConnection().Connect();
        byte[] data = served.BeginWrite(LargeBytes);
        served.Host.Send(data, 0, HeaderBytes + 1000, SocketFlags.None);
        Assert.True(SpinWait.SpinUntil(() => served.LowWater > 1, ServedConnection.Patience));
        served.Run(() =>
        {
            served.Queue.Deadline = served.Shard.Now + 1;
            served.Queue.Connection.DeadlineChanged();
        });
        Assert.True(SpinWait.SpinUntil(() => served.Get(() => served.Queue.Timers) > 0, ServedConnection.Patience));
        served.Run(() => served.Queue.Deadline = long.MaxValue);
    }

    [Fact]
    public void A_write_arrives_through_a_receive_buffer_that_is_smaller_than_the_mark()
    {
        using ServedConnection served = new ServedConnection(receiveBufferBytes: 4096).Connect();
        byte[] data = served.BeginWrite(LargeBytes);
        served.Host.SendTimeout = (int)ServedConnection.Patience.TotalMilliseconds;
        for (int sent = 0; sent < data.Length;)
            sent += served.Host.Send(data, sent, data.Length - sent, SocketFlags.None);
        served.Receive(24);
        Assert.Equal(data[HeaderBytes..], served.Get(() => served.Queue.Writes.Single()));
    }
}
