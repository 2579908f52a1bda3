namespace ManagedNvmet.Backends.Tests;

/// <summary>The contract of every device that stores data.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CollectedLog _log = new();
    private readonly List<IDisposable> _held = [];

    public static TheoryData<string> Subjects =>
    [
        "memory", "memory 4096", "file", "file 4096", "file buffered", "file by workers", "loop", "loop by workers",
    ];

    public void Dispose()
    {
        _held.Reverse();
        _held.ForEach(held => held.Dispose());
        _folder.Dispose();
    }

    [Theory, MemberData(nameof(Subjects))]
    public void A_read_after_a_write_gives_its_data_and_the_neighbours_are_left(string subject)
    {
        ServedDevice served = Open(subject);
        Assert.Equal(NvmeStatus.Success, served.Write(4, 3, 0x11));
        Assert.Equal(NvmeStatus.Success, served.Write(5, 1, 0x22, forceUnitAccess: true));
        Assert.Equal([0, 0x11, 0x22, 0x11, 0], served.Fills(3, 5));
        Assert.Equal(NvmeStatus.Success, served.Flush());
        Assert.Equal(0x22, served.Read(5, 1, forceUnitAccess: true)[0]);
    }

    [Theory, MemberData(nameof(Subjects))]
    public void The_last_block_can_be_written_and_read(string subject)
    {
        ServedDevice served = Open(subject);
        ulong last = served.Device.Properties.BlockCount - 1;
        Assert.Equal(NvmeStatus.Success, served.Write(last, 1, 0x77));
        Assert.Equal([0x77], served.Fills(last, 1));
    }

    [Theory, MemberData(nameof(Subjects))]
    public void Write_zeroes_clears_its_range_and_nothing_else(string subject)
    {
        ServedDevice served = Open(subject);
        foreach (bool hint in new[] { false, true })
        {
            foreach (bool forceUnitAccess in new[] { false, true })
            {
                Assert.Equal(NvmeStatus.Success, served.Write(0, 40, 0x33));
                Assert.Equal(NvmeStatus.Success, served.Zero(3, 20, hint, forceUnitAccess));
                byte[] fills = served.Fills(0, 40);
                for (int i = 0; i < 40; i++)
                    Assert.Equal(i is >= 3 and < 23 ? 0 : 0x33, fills[i]);
            }
        }
    }

    [Theory, MemberData(nameof(Subjects))]
    public void Deallocating_several_ranges_completes_once_and_never_touches_other_blocks(string subject)
    {
        ServedDevice served = Open(subject);
        Assert.True(served.Device.Properties.Has(BlockDeviceCapabilities.Deallocate));
        Assert.Equal(NvmeStatus.Success, served.Write(0, 64, 0x44));
        Assert.Equal(NvmeStatus.Success, served.Deallocate(new BlockRange(1, 19), new BlockRange(30, 1), new BlockRange(40, 16)));
        byte[] data = served.Read(0, 64);
        int blockSize = served.Device.Properties.BlockSize;
        for (int i = 0; i < 64; i++)
        {
            Span<byte> block = data.AsSpan(i * blockSize, blockSize);
            bool isInside = i is (>= 1 and < 20) or 30 or (>= 40 and < 56);
            if (!isInside)
                Assert.False(block.ContainsAnyExcept((byte)0x44), $"block {i} was changed");
            else if (served.Device.Properties.Has(BlockDeviceCapabilities.DeallocatedReadsZero))
                Assert.False(block.ContainsAnyExcept((byte)0), $"block {i} is not zero");
        }
    }

    [Theory, MemberData(nameof(Subjects))]
    public void Large_transfers_arrive_whole(string subject)
    {
        ServedDevice served = Open(subject);
        int blockSize = served.Device.Properties.BlockSize;
        Memory<byte> data = served.Rent(1024 * 1024);
        new Random(7).NextBytes(data.Span);
        byte[] copy = data.ToArray();
        uint blocks = (uint)(data.Length / blockSize);
        Assert.Equal(NvmeStatus.Success, served.Submit(new TestRequest(BlockOperation.Write, 1, blocks, data)));
        Assert.True(copy.AsSpan().SequenceEqual(served.Read(1, blocks)));
    }

    [Theory, MemberData(nameof(Subjects))]
    public void Properties_are_sound_and_tell_of_the_volatile_cache(string subject)
    {
        ServedDevice served = Open(subject);
        Assert.Null(served.Device.Properties.Validate());
        Assert.Equal(subject.Contains("4096") ? 4096 : 512, served.Device.Properties.BlockSize);
        if (served.Device is FileDevice { IsBlockDevice: false })
            Assert.True(served.Device.Properties.HasVolatileCache);
        if (served.Device is MemoryDevice)
            Assert.False(served.Device.Properties.HasVolatileCache);
    }

    [Fact]
    public void A_null_device_drops_writes_and_reads_zeros()
    {
        using var served = new ServedDevice(new NullDevice(1 << 20));
        Assert.Equal(NvmeStatus.Success, served.Write(0, 1, 1));
        Assert.Equal([0], served.Fills(0, 1));
        Assert.Equal(NvmeStatus.Success, served.Flush());
        Assert.Equal(NvmeStatus.Success, served.Zero(0, 1));
        Assert.Equal(NvmeStatus.Success, served.Deallocate(new BlockRange(0, 1)));
    }

    [Fact]
    public void Memory_is_committed_when_written_and_given_back_when_deallocated()
    {
        const ulong Gibibyte = 1UL << 30;
        using var served = new ServedDevice(new MemoryDevice(64 * Gibibyte, 4096));
        long before = ResidentBytes();
        for (ulong i = 0; i < 64; i++)
            Assert.Equal(NvmeStatus.Success, served.Write(i * 256, 256, 1));
        Assert.InRange(ResidentBytes() - before, 60L << 20, 96L << 20);
        Assert.Equal(NvmeStatus.Success, served.Deallocate(new BlockRange(0, 64 * 256)));
        Assert.InRange(ResidentBytes() - before, long.MinValue, 24L << 20);
    }

    [Fact]
    public void A_small_memory_disk_uses_huge_pages_where_the_kernel_has_them_to_give()
    {
        Machine.NeedsHugePages();
        using var served = new ServedDevice(new MemoryDevice(64 << 20, 4096));
        var whole = new TestRequest(BlockOperation.Read, 0, 16384);
        Assert.Equal(NvmeStatus.Success, served.Submit(whole));
        ReadOnlyMemory<byte> disk = whole.LentData;
        Assert.Equal(0, Machine.HugeBytesAround(disk));
        for (ulong block = 0; block < 16384; block += 256)
            Assert.Equal(NvmeStatus.Success, served.Write(block, 1, 1));
        Assert.InRange(Machine.HugeBytesAround(disk), 32L << 20, 64L << 20);
        Assert.Equal([1], served.Fills(16128, 1));
        Assert.Equal([0], served.Fills(16129, 1));
        Assert.Equal(NvmeStatus.Success, served.Deallocate(new BlockRange(0, 16384)));
        Assert.Equal(0, Machine.HugeBytesAround(disk));
        Assert.Equal([0], served.Fills(16128, 1));
    }

    [Theory]
    [InlineData(511UL, 512)]
    [InlineData(4096UL, 256)]
    [InlineData(4096UL, 1000)]
    [InlineData(1UL << 62, 512)]
    public void Sizes_that_cannot_work_are_refused(ulong sizeBytes, int blockSize)
    {
        Assert.Throws<BackendException>(() => new MemoryDevice(sizeBytes, blockSize));
        if (sizeBytes < 1UL << 62)
            Assert.Throws<BackendException>(() => new NullDevice(sizeBytes, blockSize));
    }

    private static long ResidentBytes() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize;

    private ServedDevice Open(string subject)
    {
        const long Size = 8 * 1024 * 1024;
        BlockDevice device;
        if (subject.StartsWith("memory"))
            device = new MemoryDevice((ulong)Size, subject.EndsWith("4096") ? 4096 : 512);
        else
        {
            string path = _folder.File("disk", Size);
            if (subject.StartsWith("loop"))
            {
                Machine.LoopDevice loop = Machine.Loop(path);
                _held.Add(loop);
                path = loop.Path;
            }
            device = FileDevice.Open(new FileDeviceOptions
            {
                Path = path,
                BlockSize = subject.Contains("4096") ? 4096 : null,
                IsBuffered = subject.Contains("buffered"),
            }, _log);
        }
        var served = new ServedDevice(device, subject.Contains("workers") ? DiskEngine.Workers : DiskEngine.Auto);
        _held.Add(served);
        return served;
    }
}
