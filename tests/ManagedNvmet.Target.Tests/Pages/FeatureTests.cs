using System.Buffers.Binary;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Features;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class FeatureTests
{
    private readonly TestOwner _owner = new();
    private readonly ManualTime _time = new();
    private readonly FeatureSet _features;

    public FeatureTests() => _features = new FeatureSet(_owner, _time);

    private NvmeStatus Set(byte id, uint value, byte[]? data = null) => Set(id, value, out _, data);

    private NvmeStatus Set(byte id, uint value, out uint result, byte[]? data = null)
    {
        var entry = new SubmissionEntry { Cdw10 = id, Cdw11 = value };
        return FeatureTable.All[id]!.Set(new FeatureRequest(_features, in entry, data), out result);
    }

    private uint Get(byte id, uint cdw11 = 0, bool isDefault = false, byte[]? data = null)
    {
        Assert.Equal(NvmeStatus.Success, Get(id, cdw11, isDefault, data, out uint result));
        return result;
    }

    private NvmeStatus Get(byte id, uint cdw11, bool isDefault, byte[]? data, out uint result)
    {
        var entry = new SubmissionEntry { Cdw10 = id, Cdw11 = cdw11 };
        return FeatureTable.All[id]!.Get(new FeatureRequest(_features, in entry, data), isDefault, out result);
    }

    [Theory]
    [InlineData(0x01, 0x04030205u, 0x04030205u, 7u)]
    [InlineData(0x02, 0x000000A0u, 0x000000A0u, 0u)]
    [InlineData(0x0A, 0xFFFFFFFFu, 1u, 0u)]
    [InlineData(0x0B, 0x0000011Fu, 0x0000011Fu, 0u)]
    [InlineData(0x0B, 0xFFFFFFFFu, 0x0000091Fu, 0u)]
    public void A_value_is_kept_without_its_unknown_bits_until_a_reset(byte id, uint set, uint kept, uint standard)
    {
        Assert.Equal(standard, Get(id));
        Assert.Equal(NvmeStatus.Success, Set(id, set, out uint result));
        Assert.Equal(0u, result);
        Assert.Equal(kept, Get(id));
        Assert.Equal(standard, Get(id, isDefault: true));
        _features.Reset();
        Assert.Equal(standard, Get(id));
    }

    [Fact]
    public void The_events_of_a_discovery_controller_are_its_own()
    {
        var discovery = new FeatureSet(new TestOwner { IsDiscovery = true }, _time);
        var entry = new SubmissionEntry { Cdw11 = 0x8000_0B1F };
        Assert.Equal(NvmeStatus.Success, FeatureTable.All[0x0B]!.Set(new FeatureRequest(discovery, in entry, default), out _));
        Assert.Equal(AsyncEventNotices.DiscoveryLogChange, discovery.AsyncEventConfiguration);
    }

    [Fact]
    public void A_power_state_other_than_0_is_refused_and_changes_nothing()
    {
        Assert.Equal(NvmeStatus.InvalidField, Set(0x02, 0xA1));
        Assert.Equal(0u, Get(0x02));
    }

    [Fact]
    public void Temperature_thresholds_over_and_under_are_kept_apart()
    {
        const uint under = 1u << 20;
        Assert.Equal(NvmeStatus.Success, Set(0x04, 0x0157));
        Assert.Equal(NvmeStatus.Success, Set(0x04, under | 0x0111));
        Assert.Equal(0x0157u, Get(0x04));
        Assert.Equal(0x0111u, Get(0x04, under));
        Assert.Equal(0u, Get(0x04, under, isDefault: true));
        Assert.Equal(NvmeStatus.Success, Set(0x04, 0x000F_0000 | 0x0123));
        Assert.Equal(0x0123u, Get(0x04));
        Assert.Equal(0u, Get(0x04, 8u << 16));
    }

    [Theory]
    [InlineData(9u << 16)]
    [InlineData(14u << 16)]
    [InlineData(2u << 20)]
    [InlineData(3u << 20)]
    public void A_sensor_or_type_of_threshold_that_cannot_be_is_refused(uint value)
    {
        Assert.Equal(NvmeStatus.InvalidField, Set(0x04, value));
        Assert.Equal(NvmeStatus.InvalidField, Get(0x04, value, false, null, out _));
    }

    [Fact]
    public void Until_the_host_has_been_told_of_a_cache_writes_go_through_it()
    {
        _owner.HasVolatileWriteCache = true;
        Assert.True(_features.IsWriteThrough);
        Assert.True(_features.HasVolatileWriteCache);
        Assert.False(_features.IsWriteThrough);
        Assert.Equal(NvmeStatus.Success, Set(0x06, 0));
        Assert.True(_features.IsWriteThrough);
        Assert.Equal(0u, Get(0x06));
        Assert.Equal(NvmeStatus.Success, Set(0x06, 0xFFFF_FFFF));
        Assert.False(_features.IsWriteThrough);
        Assert.Equal(1u, Get(0x06));
        _features.Reset();
        Assert.True(_features.IsWriteThrough);
    }

    [Fact]
    public void A_host_that_was_told_of_no_cache_is_written_through_when_one_comes_later()
    {
        Assert.False(_features.HasVolatileWriteCache);
        _owner.HasVolatileWriteCache = true;
        Assert.False(_features.HasVolatileWriteCache);
        Assert.True(_features.IsWriteThrough);
        Assert.False(FeatureTable.All[0x06]!.IsAvailable(_features));
    }

    [Theory]
    [InlineData(0x0007_0007u, 8, 0x0007_0007u)]
    [InlineData(0x0000_0003u, 1, 0x0000_0000u)]
    [InlineData(0x007F_007Fu, 128, 0x007F_007Fu)]
    [InlineData(0x0080_0080u, 128, 0x007F_007Fu)]
    [InlineData(0xFFFE_FFFEu, 128, 0x007F_007Fu)]
    public void Queues_are_granted_as_asked_up_to_the_limit(uint asked, int granted, uint answer)
    {
        Assert.Equal(128, _features.IoQueuesGranted);
        Assert.Equal(NvmeStatus.Success, Set(0x07, asked, out uint result));
        Assert.Equal(answer, result);
        Assert.Equal(granted, _features.IoQueuesGranted);
        Assert.Equal(answer, Get(0x07));
        Assert.Equal(0x007F_007Fu, Get(0x07, isDefault: true));
    }

    [Fact]
    public void Queues_of_FFFFh_are_refused_and_so_is_a_change_once_there_are_any()
    {
        Assert.Equal(NvmeStatus.InvalidField, Set(0x07, 0xFFFF_0000));
        Assert.Equal(NvmeStatus.InvalidField, Set(0x07, 0x0000_FFFF));
        _owner.IoQueueCount = 1;
        Assert.Equal(NvmeStatus.CommandSequenceError, Set(0x07, 0x0007_0007));
        _owner.IoQueueCount = 0;
        Assert.Equal(NvmeStatus.Success, Set(0x07, 0x0007_0007));
    }

    [Fact]
    public void The_timestamp_runs_on_from_what_was_set_and_from_0_after_a_reset()
    {
        byte[] data = new byte[8];
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Get(0x0E, data: data);
        Assert.Equal(250ul, BinaryPrimitives.ReadUInt64LittleEndian(data));

        BinaryPrimitives.WriteUInt64LittleEndian(data, 0xFFFF_0199_0000_0000);
        Assert.Equal(NvmeStatus.Success, Set(0x0E, 0, data));
        _time.Advance(TimeSpan.FromMilliseconds(5));
        Get(0x0E, data: data);
        Assert.Equal(0x0002_0199_0000_0005ul, BinaryPrimitives.ReadUInt64LittleEndian(data));

        _features.Reset();
        Get(0x0E, data: data);
        Assert.Equal(0ul, BinaryPrimitives.ReadUInt64LittleEndian(data));
    }

    [Fact]
    public void The_timestamp_has_48_bits()
    {
        byte[] data = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(data, 0xFFFF_FFFF_FFFF);
        Set(0x0E, 0, data);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Get(0x0E, data: data);
        Assert.Equal(0x0002_0000_0000_0000ul, BinaryPrimitives.ReadUInt64LittleEndian(data));
    }

    [Fact]
    public void The_keep_alive_timeout_is_in_milliseconds_both_ways()
    {
        Assert.Equal(5000u, Get(0x0F));
        Assert.Equal(NvmeStatus.Success, Set(0x0F, 12_345, out uint result));
        Assert.Equal(0u, result);
        Assert.Equal(12_345u, _owner.KeepAliveMilliseconds);
        Set(0x0F, 0);
        Assert.Equal(0u, Get(0x0F));
    }

    [Fact]
    public void Host_behavior_takes_switches_of_0_and_1_and_gives_them_back()
    {
        byte[] data = new byte[512];
        data[0] = 1;
        data[2] = 1;
        data[4] = 0x0C;
        data[100] = 0x77;
        Assert.Equal(NvmeStatus.Success, Set(0x16, 0, data));
        var page = new PageBytes(512);
        byte[] read = page.Span.ToArray();
        Get(0x16, data: read);
        Assert.Equal([1, 0, 1, 0, 0x0C, 0], read[..6]);
        Assert.Equal(-1, read.AsSpan(6).IndexOfAnyExcept((byte)0));
        data[3] = 2;
        data[0] = 0;
        Assert.Equal(NvmeStatus.InvalidField, Set(0x16, 0, data));
        Get(0x16, data: read);
        Assert.Equal(1, read[0]);
    }

    [Fact]
    public void The_host_identifier_is_that_of_Connect_in_128_bits_only()
    {
        byte[] data = new byte[16];
        Get(0x81, cdw11: 1, data: data);
        Assert.Equal(_owner.HostId.ToArray(), data);
        Assert.Equal(NvmeStatus.InvalidField, Get(0x81, 0, false, new byte[8], out _));
        Assert.Equal(NvmeStatus.CommandSequenceError, FeatureTable.All[0x81]!.Refusal);
    }
}
