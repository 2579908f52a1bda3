using CsCheck;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.LogPages;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class LogPageRequestTests
{
    private const int MaxTransfer = 1024 * 1024;

    private static SubmissionEntry Entry(byte logPageId, uint numd, ulong offset = 0, uint cdw14 = 0, bool isRetained = false) => new()
    {
        Opcode = 0x02,
        Cdw10 = logPageId | (isRetained ? 0x8000u : 0) | (numd << 16),
        Cdw11 = numd >> 16,
        Cdw12And13 = offset,
        Cdw14 = cdw14,
    };

    private static NvmeStatus Check(SubmissionEntry entry, uint? length = null, bool isDiscovery = false)
    {
        LogPageRequest request = LogPageRequest.Parse(entry);
        return request.Check(isDiscovery, MaxTransfer, length ?? (uint)request.Bytes);
    }

    [Fact]
    public void Every_field_is_read_from_its_place()
    {
        LogPageRequest request = LogPageRequest.Parse(Entry(0x05, 0x0001_03FF, 0x1_2345_6788, 0x0280_0000, isRetained: true));
        Assert.Equal(new LogPageRequest(0x05, (0x103FFul + 1) * 4, 0x1_2345_6788, true, true, 2), request);
        Assert.Equal(new LogPageRequest(0xFF, 4, 0, false, false, 0), LogPageRequest.Parse(Entry(0xFF, 0)));
    }

    [Fact]
    public void LSP_and_LSI_do_not_leak_into_length_or_identifier()
    {
        SubmissionEntry entry = Entry(0x02, 127);
        entry.Cdw10 |= 0x7F00;
        entry.Cdw11 |= 0xFFFF_0000;
        Assert.Equal(new LogPageRequest(0x02, 512, 0, false, false, 0, 0x7F), LogPageRequest.Parse(entry));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(6, false)]
    [InlineData(12, true)]
    public void An_offset_is_a_multiple_of_four(ulong offset, bool isGood) =>
        Assert.Equal(isGood ? NvmeStatus.Success : NvmeStatus.InvalidField, Check(Entry(0x02, 0, offset)));

    [Fact]
    public void The_largest_length_does_not_wrap_to_a_small_one()
    {
        LogPageRequest request = LogPageRequest.Parse(Entry(0x02, uint.MaxValue));
        Assert.Equal(1ul << 34, request.Bytes);
        Assert.Equal(NvmeStatus.InvalidField, request.Check(false, MaxTransfer, 0));
        Assert.Equal(NvmeStatus.InvalidField, LogPageRequest.Parse(Entry(0x02, 0x3FFF_FFFF)).Check(false, int.MaxValue, 0));
    }

    [Fact]
    public void A_length_up_to_MDTS_is_taken_and_one_dword_more_is_not()
    {
        Assert.Equal(NvmeStatus.Success, Check(Entry(0x02, MaxTransfer / 4 - 1)));
        Assert.Equal(NvmeStatus.InvalidField, Check(Entry(0x02, MaxTransfer / 4)));
    }

    [Fact]
    public void The_SGL_must_describe_exactly_the_length()
    {
        Assert.Equal(NvmeStatus.Success, Check(Entry(0x02, 127), 512));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Check(Entry(0x02, 127), 508));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Check(Entry(0x02, 127), 516));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Check(Entry(0x02, 127), 0));
    }

    [Fact]
    public void An_unknown_page_and_an_offset_by_index_are_refused()
    {
        Assert.Equal(NvmeStatus.InvalidLogPage, Check(Entry(0x06, 0)));
        Assert.Equal(NvmeStatus.InvalidLogPage, Check(Entry(0x02, 127), isDiscovery: true));
        Assert.Equal(NvmeStatus.InvalidField, Check(Entry(0x02, 127, cdw14: 1u << 23)));
    }

    [Fact]
    public void A_part_of_a_page_is_that_part_and_then_zeros() =>
        Gen.Select(Gen.Byte.Array[0, 100], Gen.ULong[0, 120], Gen.Int[0, 150]).Sample((page, offset, length) =>
        {
            var part = new PageBytes(length);
            NvmeStatus status = LogPage.Copy(page, offset, part.Span);
            if (offset > (ulong)page.Length)
            {
                Assert.Equal(NvmeStatus.InvalidField, status);
                return;
            }
            byte[] expected = [.. page.Skip((int)offset).Concat(new byte[length]).Take(length)];
            Assert.Equal(expected, part.Span.ToArray());
        });

    [Fact]
    public void An_offset_at_the_end_gives_zeros_and_one_near_2_to_the_64_is_refused()
    {
        var part = new PageBytes(8);
        Assert.Equal(NvmeStatus.Success, LogPage.Copy(new byte[16], 16, part.Span));
        part.IsZeroBut();
        Assert.Equal(NvmeStatus.InvalidField, LogPage.Copy(new byte[16], 20, part.Span));
        Assert.Equal(NvmeStatus.InvalidField, LogPage.Copy(new byte[16], ulong.MaxValue - 3, part.Span));
    }
}
