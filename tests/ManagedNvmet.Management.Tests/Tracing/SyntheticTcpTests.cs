using System.Buffers.Binary;
using System.Net;
using ManagedNvmet.Tracing;
using Segment = ManagedNvmet.Tracing.SyntheticTcp.Segment;

namespace ManagedNvmet.Management.Tests.Tracing;

public sealed class SyntheticTcpTests
{
    private const Segment Data = Segment.Push | Segment.Acknowledge;

    [Fact]
    public void Sequence_numbers_count_what_was_sent_and_acknowledge_the_other_side()
    {
        var tcp = new SyntheticTcp(IPEndPoint.Parse("192.0.2.7:50000"), IPEndPoint.Parse("192.0.2.1:4420"));
        Make(tcp, false, Segment.Synchronize, 0);
        Make(tcp, true, Segment.Synchronize | Segment.Acknowledge, 0);
        Make(tcp, false, Data, 72);
        tcp.Skip(isToHost: true, 1000);

        byte[] packet = Make(tcp, true, Data, 24);

        Assert.Equal(40, packet.Length);
        Assert.Equal(4420, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(20)));
        Assert.Equal(1001u, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(24)));
        Assert.Equal(73u, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(28)));
        Assert.Equal(new byte[] { 192, 0, 2, 1, 192, 0, 2, 7 }, packet[12..20]);
    }

    [Theory]
    [InlineData(65_495, 65_535)]
    [InlineData(65_496, 0)]
    public void A_packet_of_IPv4_has_the_length_of_its_segment_or_that_of_offloading(int payload, int length)
    {
        var tcp = new SyntheticTcp(IPEndPoint.Parse("[::ffff:192.0.2.7]:50000"), IPEndPoint.Parse("192.0.2.1:4420"));

        byte[] packet = Make(tcp, false, Data, payload);

        Assert.False(tcp.IsVersion6);
        Assert.Equal(length, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2)));
        int sum = 0;
        for (int offset = 0; offset < 20; offset += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(offset));
        Assert.Equal(0xFFFF, (sum & 0xFFFF) + (sum >> 16));
    }

    [Theory]
    [InlineData(65_515, 60, 65_535, 6)]
    [InlineData(65_516, 68, 0, 0)]
    public void A_packet_of_IPv6_is_a_jumbogram_beyond_its_length(int payload, int headerBytes, int length, int nextHeader)
    {
        var tcp = new SyntheticTcp(IPEndPoint.Parse("[2001:db8::7]:50000"), IPEndPoint.Parse("[2001:db8::1]:4420"));

        byte[] packet = Make(tcp, false, Data, payload);

        Assert.Equal(headerBytes, packet.Length);
        Assert.Equal(length, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(4)));
        Assert.Equal(nextHeader, packet[6]);
        if (length == 0)
            Assert.Equal((uint)(8 + 20 + payload), BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(44)));
    }

    private static byte[] Make(SyntheticTcp tcp, bool isToHost, Segment kind, int payload)
    {
        var packet = new byte[tcp.HeaderBytes(kind, payload)];
        Assert.True(packet.Length <= SyntheticTcp.MaxHeaderBytes);
        tcp.Write(packet, isToHost, kind, payload);
        return packet;
    }
}
