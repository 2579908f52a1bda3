using System.Buffers.Binary;
using Xunit;

namespace ManagedNvmet.LoadGenerator.Tests;

public sealed class GeometryTests
{
    private static readonly NamespaceGeometry Disk = new(
        BlockCount: 1024, BlockSize: 512, MaxTransferBytes: 131_072, MaxDepth: 127, IsWriteProtected: false);

    private static readonly LoadArguments Load = new() { Target = new TargetAddress("192.0.2.7", 4420), SubsystemNqn = TestTarget.Nqn };

    [Fact]
    public void Block_size_transfer_limit_depth_and_protection_are_read_from_where_the_specification_has_them()
    {
        byte[] controller = new byte[4096];
        byte[] space = new byte[4096];
        controller[77] = 5;
        BinaryPrimitives.WriteUInt64LittleEndian(space, 77);
        space[26] = 0x21;
        space[128 + (17 * 4) + 2] = 12;
        space[99] = 1;

        NamespaceGeometry geometry = NamespaceGeometry.Read((1UL << 48) | 1023, controller, space);

        Assert.Equal(new NamespaceGeometry(77, 4096, 32 * 8192, 1023, true), geometry);
    }

    [Fact]
    public void A_controller_without_a_transfer_limit_has_none() =>
        Assert.Null(NamespaceGeometry.Read(0, new byte[4096], new byte[4096]).MaxTransferBytes);

    [Theory]
    [InlineData(131_072, 127, 4, 100, false, null)]
    [InlineData(131_584, 127, 1, 100, false, "at most 131072 bytes per command (MDTS)")]
    [InlineData(4096, 128, 1, 100, false, "at most 127 outstanding commands per queue (MQES)")]
    [InlineData(131_072, 1, 5, 0, true, "gives each of 5 queues room for 0 transfers")]
    [InlineData(131_072, 2, 4, 0, true, "expected at least 2")]
    public void What_the_target_cannot_do_is_refused(int size, int depth, int queues, int reads, bool verify, string? reason)
    {
        string[] faults =
        [
            .. Disk.Faults(Load with { TransferBytes = size, QueueDepth = depth, Queues = queues, ReadPercent = reads, Verify = verify }),
        ];

        if (reason is null)
            Assert.Empty(faults);
        else
            Assert.Contains(reason, Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_that_do_not_fit_the_size_protection_and_a_namespace_that_is_not_there_are_refused()
    {
        Assert.Contains(
            "block size, 4096",
            Assert.Single((Disk with { BlockSize = 4096 }).Faults(Load with { TransferBytes = 512 })),
            StringComparison.Ordinal);
        Assert.Contains(
            "write-protected",
            Assert.Single((Disk with { IsWriteProtected = true }).Faults(Load with { ReadPercent = 99 })),
            StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Single((Disk with { BlockCount = 0 }).Faults(Load)), StringComparison.Ordinal);
        Assert.Empty((Disk with { IsWriteProtected = true }).Faults(Load));
    }

    [Fact]
    public void Random_queues_use_the_whole_range_and_others_a_part_each()
    {
        LoadArguments random = Load with { TransferBytes = 4096, Queues = 4, RangeBytes = 256 * 1024 };
        LoadArguments sequential = random with { IsSequential = true };

        Assert.Equal((0UL, 512UL), Part(random, 3));
        Assert.Equal((0UL, 128UL), Part(sequential, 0));
        Assert.Equal((384UL, 128UL), Part(sequential, 3));
        Assert.Equal((128UL, 128UL), Part(random with { Verify = true }, 1));
    }

    private static (ulong First, ulong Count) Part(LoadArguments arguments, int queue)
    {
        LoadOptions options = Disk.OptionsOfQueue(arguments, queue, 0);
        return (options.FirstBlock, options.BlockCount);
    }
}
