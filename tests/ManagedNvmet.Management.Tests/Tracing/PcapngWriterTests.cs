using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ManagedNvmet.Tracing;

namespace ManagedNvmet.Management.Tests.Tracing;

public sealed class PcapngWriterTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void A_file_begins_with_a_section_and_an_interface_of_raw_IP_in_nanoseconds()
    {
        PcapngFile file = Write(static _ => { });

        Assert.Equal([0x0A0D0D0Au, 1u], file.Blocks.Select(block => block.Type));
        byte[] section = file.Blocks[0].Body;
        Assert.Equal(0x1A2B3C4Du, BinaryPrimitives.ReadUInt32LittleEndian(section));
        Assert.Equal([1, 0, 0, 0], section[4..8]);
        Assert.Equal(-1L, BinaryPrimitives.ReadInt64LittleEndian(section.AsSpan(8)));
        Assert.Equal("a program", Encoding.UTF8.GetString(file.Blocks[0].Options[4]));
        PcapngFile.Block description = file.Blocks[1];
        Assert.Equal(101, BinaryPrimitives.ReadUInt16LittleEndian(description.Body));
        Assert.Equal("name", Encoding.UTF8.GetString(description.Options[2]));
        Assert.Equal([9], description.Options[9]);
        Assert.Equal("\0queue io", Encoding.UTF8.GetString(description.Options[11]));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "")]
    [InlineData(63, "x")]
    [InlineData(64, "four")]
    [InlineData(65, "fünf")]
    [InlineData(40_000, "a comment")]
    public void A_packet_has_its_lengths_time_direction_and_comment_whatever_the_padding(int bytes, string comment)
    {
        byte[] packet = [.. Enumerable.Range(0, bytes).Select(each => (byte)(each | 1))];
        var header = new FrameHeader { OriginalBytes = 1_000_000, IsToHost = true };
        byte[] words = Encoding.UTF8.GetBytes(comment);

        PcapngFile file = Write(writer => writer.WritePacket(0x1234_5678_9ABC_DEF0, packet, header, words));

        PcapngFile.Block block = Assert.Single(file.Packets);
        Assert.Equal(packet, block.Packet.ToArray());
        Assert.Equal(1_000_000, block.Original);
        Assert.Equal(0x1234_5678_9ABC_DEF0u, block.Time);
        Assert.Equal([2, 0, 0, 0], block.Options[2]);
        Assert.Equal(comment, block.Comment);
        Assert.False(block.Options.ContainsKey(4));
        Assert.Equal(block.Body.Length + 12, PcapngWriter.PacketBytes(bytes, header, words));
    }

    [Fact]
    public void A_packet_of_the_host_is_inbound_and_says_how_many_were_lost_before_it()
    {
        var header = new FrameHeader { OriginalBytes = 4, LostBefore = 7 };

        PcapngFile file = Write(writer => writer.WritePacket(1, new byte[4], header, default));

        PcapngFile.Block block = Assert.Single(file.Packets);
        Assert.Equal([1, 0, 0, 0], block.Options[2]);
        Assert.Equal(7u, block.Count(4));
        Assert.Equal(block.Body.Length + 12, PcapngWriter.PacketBytes(4, header, default));
    }

    [Fact]
    public void Statistics_tell_what_was_seen_kept_and_lost()
    {
        PcapngFile file = Write(static writer => writer.WriteStatistics(1, ulong.MaxValue, 30, 20, 10));

        PcapngFile.Block block = Assert.Single(file.Statistics);
        Assert.Equal(PcapngWriter.StatisticsBytes, block.Body.Length + 12);
        Assert.Equal([2, 3, 4, 5, 6], block.Options.Keys);
        Assert.Equal((30u, 10u, 20u), (block.Count(4), block.Count(5), block.Count(6)));
    }

    [Fact]
    public void A_filter_of_any_length_is_cut_to_what_a_block_holds()
    {
        new PcapngWriter(_output).WriteSection("x");
        new PcapngWriter(_output).WriteInterface(new string('ü', 10_000), new string('€', 10_000));

        Assert.Equal(2, new PcapngFile(_output.WrittenSpan).Blocks.Count);
    }

    private PcapngFile Write(Action<PcapngWriter> write)
    {
        var writer = new PcapngWriter(_output);
        writer.WriteSection("a program");
        writer.WriteInterface("name", "queue io");
        write(writer);
        return new PcapngFile(_output.WrittenSpan);
    }
}
