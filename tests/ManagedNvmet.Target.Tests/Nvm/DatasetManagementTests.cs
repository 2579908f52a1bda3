using System.Buffers.Binary;
using CsCheck;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands.Nvm;
using Xunit;

namespace ManagedNvmet.Target.Tests.Nvm;

public class DatasetManagementTests
{
    private const ulong Blocks = 1000;

    private static byte[] Data(params ReadOnlySpan<BlockRange> ranges)
    {
        byte[] data = new byte[ranges.Length * 16];
        for (int i = 0; i < ranges.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(i * 16), 0xFFFF_FFFF); // context attributes are hints
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(i * 16 + 4), (uint)ranges[i].BlockCount);
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(i * 16 + 8), ranges[i].FirstBlock);
        }
        return data;
    }

    private static NvmeStatus Read(out BlockRange[] found, params ReadOnlySpan<BlockRange> ranges)
    {
        var room = new BlockRange[ranges.Length];
        NvmeStatus status = DeallocateRanges.Read(Data(ranges), ranges.Length, Blocks, room, out int used);
        found = room[..used];
        return status;
    }

    [Fact]
    public void Ranges_without_blocks_are_left_out_wherever_they_point()
    {
        Assert.Equal(NvmeStatus.Success, Read(out BlockRange[] found, new(5, 0), new(10, 2), new(ulong.MaxValue, 0)));
        Assert.Equal([new BlockRange(10, 2)], found);
        Assert.Equal(NvmeStatus.Success, Read(out found, new BlockRange(0, 0)));
        Assert.Empty(found);
    }

    [Fact]
    public void Ranges_that_continue_each_other_become_one_and_others_stay_in_their_order()
    {
        Read(out BlockRange[] found, new(20, 5), new(0, 8), new(8, 8), new(16, 1), new(100, 1), new(90, 10));
        Assert.Equal([new BlockRange(20, 5), new BlockRange(0, 17), new BlockRange(100, 1), new BlockRange(90, 10)], found);
    }

    [Theory]
    [InlineData(999ul, 1u, true)]
    [InlineData(999ul, 2u, false)]
    [InlineData(1000ul, 1u, false)]
    [InlineData(0ul, 1000u, true)]
    [InlineData(0ul, 1001u, false)]
    [InlineData(0ul, uint.MaxValue, false)]
    [InlineData(ulong.MaxValue, 1u, false)]
    [InlineData(ulong.MaxValue, uint.MaxValue, false)]
    [InlineData(ulong.MaxValue - 4, 10u, false)]
    public void One_range_that_leaves_the_namespace_refuses_all(ulong first, uint count, bool isGood)
    {
        NvmeStatus status = Read(out BlockRange[] found, new(1, 1), new(first, count), new(3, 1));
        Assert.Equal(isGood ? NvmeStatus.Success : NvmeStatus.LbaOutOfRange, status);
        Assert.Equal(isGood, found.Length > 0);
    }

    [Fact]
    public void All_256_ranges_may_reach_to_the_end_of_the_device_and_the_last_may_not_go_beyond()
    {
        var ranges = new BlockRange[256];
        Array.Fill(ranges, new BlockRange(999, 1));
        Assert.Equal(NvmeStatus.Success, Read(out BlockRange[] found, ranges));
        Assert.Equal(256, found.Length);
        ranges[255] = new BlockRange(999, 2);
        Assert.Equal(NvmeStatus.LbaOutOfRange, Read(out found, ranges));
        Assert.Empty(found);
        ranges[255] = new BlockRange(ulong.MaxValue - 998, uint.MaxValue);
        Assert.Equal(NvmeStatus.LbaOutOfRange, Read(out found, ranges));
    }

    [Fact]
    public void What_is_deallocated_is_exactly_what_was_asked_for() =>
        Gen.Select(Gen.ULong[0, 60], Gen.ULong[0, 12], (first, count) => new BlockRange(first, count)).Array[1, 40].Sample(ranges =>
        {
            const ulong blocks = 64;
            var room = new BlockRange[ranges.Length];
            NvmeStatus status = DeallocateRanges.Read(Data(ranges), ranges.Length, blocks, room, out int used);
            bool isGood = ranges.All(range => range.BlockCount == 0 || range.FirstBlock + range.BlockCount <= blocks);
            Assert.Equal(isGood ? NvmeStatus.Success : NvmeStatus.LbaOutOfRange, status);
            if (!isGood)
            {
                Assert.Equal(0, used);
                return;
            }
            var expected = new bool[blocks];
            foreach ((ulong first, ulong count) in ranges)
                expected.AsSpan((int)first, (int)count).Fill(true);
            var actual = new bool[blocks];
            foreach (BlockRange range in room[..used])
            {
                Assert.NotEqual(0ul, range.BlockCount);
                actual.AsSpan((int)range.FirstBlock, (int)range.BlockCount).Fill(true);
            }
            Assert.Equal(expected, actual);
        });

    [Fact]
    public void Data_beyond_the_ranges_is_not_looked_at()
    {
        byte[] data = [.. Data(new BlockRange(1, 1)), .. Data(new BlockRange(ulong.MaxValue, 1))];
        Assert.Equal(NvmeStatus.Success, DeallocateRanges.Read(data, 1, Blocks, new BlockRange[1], out int used));
        Assert.Equal(1, used);
    }

    [Theory]
    [InlineData(0u, 15u, false)]
    [InlineData(0u, 16u, true)]
    [InlineData(0u, 4096u, true)]
    [InlineData(255u, 4095u, false)]
    [InlineData(255u, 4096u, true)]
    [InlineData(0xFFFF_FFFFu, 4096u, true)]
    public void A_buffer_may_be_longer_than_the_ranges_but_not_shorter(uint cdw10, uint sglLength, bool isGood) =>
        Assert.Equal(
            isGood ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid,
            DatasetManagementCommand.Check(new SubmissionEntry { Cdw10 = cdw10 }, sglLength, 1024 * 1024));

    [Fact]
    public void A_buffer_beyond_MDTS_is_refused()
    {
        Assert.Equal(NvmeStatus.Success, DatasetManagementCommand.Check(default, 1024 * 1024, 1024 * 1024));
        Assert.Equal(NvmeStatus.InvalidField, DatasetManagementCommand.Check(default, 1024 * 1024 + 1, 1024 * 1024));
        Assert.Equal(NvmeStatus.InvalidField, DatasetManagementCommand.Check(default, uint.MaxValue, 1024 * 1024));
    }

    [Theory]
    [InlineData(4u, true)]
    [InlineData(7u, true)]
    [InlineData(3u, false)]
    [InlineData(0u, false)]
    public void Deallocate_counts_whatever_hints_go_with_it(uint cdw11, bool expected) =>
        Assert.Equal(expected, DatasetManagementCommand.IsDeallocating(new SubmissionEntry { Cdw11 = cdw11 }));
}
