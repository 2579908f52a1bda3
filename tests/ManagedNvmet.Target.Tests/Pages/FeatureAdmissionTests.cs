using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Features;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class FeatureAdmissionTests
{
    private readonly FeatureSet _features = new(new TestOwner(), TimeProvider.System);

    private NvmeStatus Get(byte id, uint select = 0, uint length = 0, uint namespaceId = 0, uint cdw11 = 0, bool isActive = false) =>
        FeatureAdmission.CheckGet(
            new SubmissionEntry { Cdw10 = id | (select << 8), NamespaceId = namespaceId, Cdw11 = cdw11 }, length, _features, isActive);

    private NvmeStatus Set(byte id, bool isSaved = false, uint length = 0, uint namespaceId = 0, bool isActive = false) =>
        FeatureAdmission.CheckSet(
            new SubmissionEntry { Cdw10 = id | (isSaved ? 1u << 31 : 0), NamespaceId = namespaceId }, length, _features, isActive);

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x03)]
    [InlineData(0x08)]
    [InlineData(0x0C)]
    [InlineData(0x80)]
    [InlineData(0x84)]
    [InlineData(0xFF)]
    public void A_feature_that_is_not_there_is_an_invalid_field(byte id)
    {
        Assert.Equal(NvmeStatus.InvalidField, Get(id));
        Assert.Equal(NvmeStatus.InvalidField, Set(id));
    }

    [Fact]
    public void The_cache_feature_is_there_only_with_a_cache()
    {
        Assert.Equal(NvmeStatus.InvalidField, Get(0x06));
        Assert.Equal(NvmeStatus.InvalidField, Set(0x06));
        var cached = new FeatureSet(new TestOwner { HasVolatileWriteCache = true }, TimeProvider.System);
        Assert.Equal(NvmeStatus.Success, FeatureAdmission.CheckGet(new SubmissionEntry { Cdw10 = 6 }, 0, cached, false));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(7, false)]
    public void Reserved_selects_are_refused(uint select, bool isGood) =>
        Assert.Equal(isGood ? NvmeStatus.Success : NvmeStatus.InvalidField, Get(0x0B, select));

    [Fact]
    public void Get_takes_any_NSID_where_it_has_no_meaning()
    {
        Assert.Equal(NvmeStatus.Success, Get(0x0B, namespaceId: 1));
        Assert.Equal(NvmeStatus.Success, Get(0x0B, namespaceId: 12345));
        Assert.Equal(NvmeStatus.Success, Get(0x0B, namespaceId: uint.MaxValue));
    }

    [Fact]
    public void Set_takes_an_NSID_only_where_it_has_a_meaning()
    {
        Assert.Equal(NvmeStatus.Success, Set(0x0B));
        Assert.Equal(NvmeStatus.Success, Set(0x0B, namespaceId: uint.MaxValue));
        Assert.Equal(NvmeStatus.FeatureNotNamespaceSpecific, Set(0x0B, namespaceId: 1, isActive: true));
    }

    [Fact]
    public void A_feature_of_a_namespace_needs_an_active_one()
    {
        Assert.Equal(NvmeStatus.Success, Get(0x05, namespaceId: 1, isActive: true));
        Assert.Equal(NvmeStatus.InvalidNamespace, Get(0x05, namespaceId: 2));
        Assert.Equal(NvmeStatus.InvalidNamespace, Get(0x05));
        Assert.Equal(NvmeStatus.InvalidField, Get(0x05, namespaceId: uint.MaxValue));
        Assert.Equal(NvmeStatus.Success, Get(0x05, select: 3));
    }

    [Fact]
    public void Nothing_can_be_saved_and_what_is_fixed_cannot_be_set()
    {
        Assert.Equal(NvmeStatus.FeatureNotSaveable, Set(0x0B, isSaved: true));
        Assert.Equal(NvmeStatus.FeatureNotChangeable, Set(0x05, namespaceId: 1, isActive: true));
        Assert.Equal(NvmeStatus.CommandSequenceError, Set(0x81, length: 16));
    }

    [Fact]
    public void Capabilities_say_what_can_be_done()
    {
        Assert.Equal(4u, FeatureTable.All[0x0B]!.Capabilities);
        Assert.Equal(2u, FeatureTable.All[0x05]!.Capabilities);
        Assert.Equal(0u, FeatureTable.All[0x81]!.Capabilities);
    }

    [Fact]
    public void The_data_is_exactly_as_long_as_the_feature()
    {
        Assert.Equal(NvmeStatus.Success, Get(0x0E, length: 8));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Get(0x0E, length: 4));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Get(0x0E));
        Assert.Equal(NvmeStatus.Success, Get(0x0E, select: 3));
        Assert.Equal(NvmeStatus.Success, Get(0x0E, select: 3, length: 8));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Get(0x0B, length: 4));
        Assert.Equal(NvmeStatus.Success, Set(0x0E, length: 8));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, Set(0x0E, length: 16));
        Assert.Equal(NvmeStatus.Success, Set(0x16, length: 512));
        Assert.Equal(NvmeStatus.Success, Get(0x81, length: 16, cdw11: 1));
        Assert.Equal(NvmeStatus.Success, Get(0x81, length: 8));
    }

    [Fact]
    public void A_discovery_controller_has_events_and_keep_alive_alone()
    {
        var discovery = new FeatureSet(new TestOwner { IsDiscovery = true }, TimeProvider.System);
        int[] found = [.. Enumerable.Range(0, 256).Where(id =>
            FeatureAdmission.Find(new SubmissionEntry { Cdw10 = (uint)id }, discovery) is not null)];
        Assert.Equal([0x0B, 0x0F], found);
    }
}
