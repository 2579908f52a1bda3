using CsCheck;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Identify;
using ManagedNvmet.Target.Namespaces;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class NamespaceListTests
{
    [Fact]
    public void Lists_what_follows_in_ascending_order_and_ends_with_zero()
    {
        var page = new PageBytes();
        Namespace[] all = [TestDevice.As(1), TestDevice.As(2), TestDevice.As(7)];
        Assert.Equal(NvmeStatus.Success, NamespaceIdList.Fill(page.Span, 1, all));
        Assert.Equal([2u, 7u, 0u], [page.U32(0), page.U32(4), page.U32(8)]);
        page.IsZeroBut((0, 8));
    }

    [Fact]
    public void The_list_ends_full_at_1024_and_goes_on_from_the_last()
    {
        Namespace[] all = [.. Enumerable.Range(1, 1030).Select(id => TestDevice.As((uint)id))];
        var page = new PageBytes();
        NamespaceIdList.Fill(page.Span, 0, all);
        Assert.Equal(1024u, page.U32(4092));
        NamespaceIdList.Fill(page.Span, 1024, all);
        Assert.Equal([1025u, 1030u, 0u], [page.U32(0), page.U32(20), page.U32(24)]);
    }

    [Theory]
    [InlineData(0xFFFF_FFFDu, true)]
    [InlineData(0xFFFF_FFFEu, false)]
    [InlineData(0xFFFF_FFFFu, false)]
    public void An_NSID_that_nothing_can_follow_is_refused(uint after, bool isGood)
    {
        var page = new PageBytes();
        Assert.Equal(isGood ? NvmeStatus.Success : NvmeStatus.InvalidNamespace, NamespaceIdList.Fill(page.Span, after, [TestDevice.As(1)]));
        page.IsZeroBut();
    }

    [Fact]
    public void Walking_the_list_finds_every_namespace_once() =>
        Gen.UInt[1, 5000].Array[0, 60].Sample(ids =>
        {
            uint[] expected = [.. ids.Distinct().Order()];
            Namespace[] all = [.. expected.Select(TestDevice.As)];
            var found = new List<uint>();
            uint last = 0;
            var page = new PageBytes();
            while (true)
            {
                NamespaceIdList.Fill(page.Span, last, all);
                if (page.U32(0) == 0)
                    break;
                for (int i = 0; i < 1024 && page.U32(i * 4) != 0; i++)
                    found.Add(last = page.U32(i * 4));
            }
            Assert.Equal(expected, found);
        });

    [Theory]
    [InlineData(0u, false)]
    [InlineData(1u, true)]
    [InlineData(1024u, true)]
    [InlineData(1025u, false)]
    [InlineData(0xFFFF_FFFFu, false)]
    public void A_namespace_page_takes_any_possible_NSID(uint namespaceId, bool isGood) =>
        Assert.Equal(isGood ? NvmeStatus.Success : NvmeStatus.InvalidNamespace, IdentifyPage.CheckNamespaceId(namespaceId, 1024));

    [Fact]
    public void Identify_refuses_unknown_structures_command_sets_and_lengths()
    {
        static NvmeStatus Check(uint cns, uint csi = 0, uint length = 4096, bool isDiscovery = false) =>
            IdentifyPage.Check(new SubmissionEntry { Cdw10 = cns, Cdw11 = csi << 24 }, length, isDiscovery);

        foreach (uint cns in new uint[] { 0, 1, 2, 3, 5, 6, 7, 8 })
            Assert.Equal(NvmeStatus.Success, Check(cns));
        foreach (uint cns in new uint[] { 4, 9, 0x10, 0x1C, 0xFF })
            Assert.Equal(NvmeStatus.InvalidField, Check(cns));
        foreach (uint cns in new uint[] { 5, 6, 7 })
            Assert.Equal(NvmeStatus.InvalidIoCommandSet, Check(cns, csi: 2));
        Assert.Equal(NvmeStatus.Success, Check(1, csi: 2));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Check(1, length: 4095));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Check(1, length: 4097));
        Assert.Equal(NvmeStatus.Success, Check(1, isDiscovery: true));
        Assert.Equal(NvmeStatus.InvalidField, Check(6, isDiscovery: true));
        Assert.Equal(NvmeStatus.Success, Check(0xFFFF_0001));
    }
}
