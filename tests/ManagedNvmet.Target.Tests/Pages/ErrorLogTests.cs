using CsCheck;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Health;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class ErrorLogTests
{
    private static SubmissionEntry Command(ushort id) =>
        new() { Opcode = 0x02, CommandId = id, NamespaceId = 7, Cdw10And11 = 0x1122_3344_5566 };

    [Fact]
    public void An_entry_says_which_command_failed_and_how()
    {
        var log = new ErrorLog(4);
        log.Add(3, Command(0x9876), NvmeStatus.LbaOutOfRange, 40);
        var page = new PageBytes(64);
        Assert.Equal(NvmeStatus.Success, log.Read(0, page.Span));
        Assert.Equal(1ul, page.U64(0));
        Assert.Equal(3, page.U16(8));
        Assert.Equal(0x9876, page.U16(10));
        Assert.Equal(NvmeStatus.LbaOutOfRange.Value, page.U16(12));
        Assert.Equal(40, page.U16(14));
        Assert.Equal(0x1122_3344_5566ul, page.U64(16));
        Assert.Equal(7u, page.U32(24));
        Assert.Equal(3, page.U8(29));
        Assert.Equal(2, page.U8(31));
        Assert.Equal(1, page.U8(63));
        page.IsZeroBut((0, 28), (29, 1), (31, 1), (63, 1));
    }

    [Fact]
    public void An_admin_command_has_no_block_address_and_a_Fabrics_command_no_namespace()
    {
        var log = new ErrorLog(4);
        log.Add(0, Command(1), NvmeStatus.InvalidField);
        SubmissionEntry fabrics = Command(2);
        fabrics.Opcode = SubmissionEntry.FabricsOpcode;
        log.Add(0, fabrics, NvmeStatus.InvalidField);
        var page = new PageBytes(128);
        log.Read(0, page.Span);
        Assert.Equal(0u, page.U32(24));
        Assert.Equal(7u, page.U32(64 + 24));
        Assert.Equal(0ul, page.U64(64 + 16));
        Assert.Equal(ErrorLog.NoLocation, page.U16(64 + 14));
    }

    [Fact]
    public void The_newest_come_first_the_oldest_fall_out_and_all_are_counted()
    {
        var log = new ErrorLog(3);
        for (ushort id = 1; id <= 5; id++)
            log.Add(1, Command(id), NvmeStatus.InvalidField);
        var page = new PageBytes(256);
        log.Read(0, page.Span);
        Assert.Equal([5ul, 4ul, 3ul, 0ul], [page.U64(0), page.U64(64), page.U64(128), page.U64(192)]);
        Assert.Equal(5ul, log.LifetimeCount);
        page.IsZeroBut((0, 192));
    }

    [Theory]
    [InlineData(256ul, true)]
    [InlineData(260ul, false)]
    [InlineData(ulong.MaxValue - 3, false)]
    public void An_offset_up_to_the_end_is_taken_however_few_entries_there_are(ulong offset, bool isGood)
    {
        var page = new PageBytes(16);
        Assert.Equal(isGood ? NvmeStatus.Success : NvmeStatus.InvalidField, new ErrorLog(4).Read(offset, page.Span));
    }

    [Fact]
    public void Any_part_is_the_same_as_that_part_of_the_whole() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 15], Gen.Int[0, 110], Gen.Int[0, 110]).Sample((capacity, errors, at, length) =>
        {
            var log = new ErrorLog(capacity);
            for (int i = 0; i < errors; i++)
                log.Add(i, Command((ushort)i), NvmeStatus.InternalError);
            byte[] whole = new byte[capacity * 64];
            log.Read(0, whole);
            int offset = Math.Min(at * 4, whole.Length);
            var part = new PageBytes(length * 4);
            Assert.Equal(NvmeStatus.Success, log.Read((ulong)offset, part.Span));
            byte[] expected = [.. whole.Skip(offset).Concat(new byte[length * 4]).Take(length * 4)];
            Assert.Equal(expected, part.Span.ToArray());
        });
}
