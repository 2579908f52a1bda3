using CsCheck;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands.Nvm;
using Xunit;

namespace ManagedNvmet.Target.Tests.Nvm;

public class BlockRangeCheckTests
{
    private const int MaxTransfer = 1024 * 1024;

    private static SubmissionEntry Entry(ulong firstBlock, ushort nlb, uint flags = 0) =>
        new() { Cdw10And11 = firstBlock, Cdw12 = nlb | flags };

    private static NvmeStatus Check(ulong firstBlock, ushort nlb, ulong blocks, uint? sglLength = null, int shift = 9) =>
        BlockRangeCheck.CheckTransfer(Entry(firstBlock, nlb), sglLength ?? ((uint)nlb + 1) << shift, blocks, shift, MaxTransfer);

    // Numbers near the limits at which arithmetic overflows.
    private static readonly Gen<ulong> Edges = Gen.OneOf(
        Gen.ULong,
        Gen.ULong[0, 70_000],
        Gen.ULong[ulong.MaxValue - 70_000, ulong.MaxValue],
        Gen.ULong[(1ul << 63) - 70_000, (1ul << 63) + 70_000],
        Gen.ULong[uint.MaxValue - 70_000ul, uint.MaxValue + 70_000ul]);

    [Fact]
    public void A_range_is_inside_exactly_when_unbounded_arithmetic_says_so() =>
        Gen.Select(Edges, Gen.OneOf(Gen.ULong[1, 65_536], Edges), Edges).Sample((first, count, blocks) =>
            Assert.Equal((UInt128)first + count <= blocks, BlockRangeCheck.IsInside(first, count, blocks)));

    [Fact]
    public void A_transfer_is_judged_by_range_then_size_then_SGL() =>
        Gen.Select(Edges, Gen.UShort, Edges, Gen.UInt, Gen.Int[9, 12]).Sample((first, nlb, blocks, sgl, shift) =>
        {
            UInt128 bytes = ((UInt128)nlb + 1) << shift;
            NvmeStatus expected = (UInt128)first + nlb + 1 > blocks ? NvmeStatus.LbaOutOfRange
                : bytes > MaxTransfer ? NvmeStatus.InvalidField
                : bytes != sgl ? NvmeStatus.DataSglLengthInvalid
                : NvmeStatus.Success;
            Assert.Equal(expected, BlockRangeCheck.CheckTransfer(Entry(first, nlb), sgl, blocks, shift, MaxTransfer));
        });

    [Fact]
    public void The_last_block_can_be_had_and_the_next_cannot()
    {
        Assert.Equal(NvmeStatus.Success, Check(999, 0, 1000));
        Assert.Equal(NvmeStatus.LbaOutOfRange, Check(1000, 0, 1000));
        Assert.Equal(NvmeStatus.LbaOutOfRange, Check(999, 1, 1000));
        Assert.Equal(NvmeStatus.Success, Check(0, 999, 1000));
        Assert.Equal(NvmeStatus.LbaOutOfRange, Check(0, 1000, 1000));
    }

    [Theory]
    [InlineData(ulong.MaxValue, 0)]
    [InlineData(ulong.MaxValue, 0xFFFF)]
    [InlineData(ulong.MaxValue - 0xFFFF, 0xFFFF)]
    [InlineData(ulong.MaxValue - 7, 7)]
    [InlineData(1ul << 63, 0)]
    public void A_range_near_the_end_of_64_bits_does_not_wrap_to_the_start(ulong firstBlock, ushort nlb) =>
        Assert.Equal(NvmeStatus.LbaOutOfRange, Check(firstBlock, nlb, 1_000_000));

    [Fact]
    public void A_transfer_of_MDTS_is_taken_and_one_block_more_is_not()
    {
        Assert.Equal(NvmeStatus.Success, Check(0, 2047, 1_000_000));
        Assert.Equal(NvmeStatus.InvalidField, Check(0, 2048, 1_000_000));
        Assert.Equal(NvmeStatus.InvalidField, Check(0, 0xFFFF, 1_000_000));
        Assert.Equal(NvmeStatus.Success, Check(0, 255, 1_000_000, shift: 12));
        Assert.Equal(NvmeStatus.InvalidField, Check(0, 256, 1_000_000, shift: 12));
    }

    [Fact]
    public void The_SGL_is_exactly_as_long_as_the_blocks()
    {
        Assert.Equal(NvmeStatus.Success, Check(0, 7, 1000, 4096));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Check(0, 7, 1000, 4095));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Check(0, 7, 1000, 4097));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Check(0, 7, 1000, 0));
    }

    [Fact]
    public void Flags_above_NLB_do_not_count_as_blocks() =>
        Assert.Equal(8u, BlockRangeCheck.BlockCount(Entry(0, 7, 0xFFFF_0000)));

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(false, true, true, false)]
    [InlineData(true, false, false, false)]
    [InlineData(true, true, false, true)]
    [InlineData(true, false, true, true)]
    public void A_write_is_forced_to_the_medium_by_FUA_or_by_the_host_but_only_past_a_cache(
        bool hasCache, bool isForced, bool isWriteThrough, bool expected) =>
        Assert.Equal(expected, Durability.IsForcedWrite(Entry(0, 0, isForced ? 1u << 30 : 0), hasCache, isWriteThrough));
}
