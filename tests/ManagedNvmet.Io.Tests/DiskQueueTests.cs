namespace ManagedNvmet.Io.Tests;

/// <summary>The contract of both disk engines, on a temporary file and, where possible, on a loop device.</summary>
public class DiskQueueTests
{
    private const int Block = 4096;

    public static TheoryData<DiskEngine, bool> Halves => new()
    {
        { DiskEngine.Uring, false },
        { DiskEngine.Uring, true },
        { DiskEngine.Workers, false },
        { DiskEngine.Workers, true },
    };

    public static TheoryData<DiskEngine> Engines => [DiskEngine.Uring, DiskEngine.Workers];

    [Theory, MemberData(nameof(Halves))]
    public void What_was_written_is_read_back(DiskEngine engine, bool isDirect)
    {
        using TestShard test = Start(engine);
        using TestFile file = TestFile.Temporary(64 * Block, isDirect);
        ReadBack(test, file.Fd);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_loop_device_is_read_written_discarded_and_zeroed(DiskEngine engine)
    {
        using TestFile backing = TestFile.Temporary(4 * 1024 * 1024);
        using Machine.LoopDevice loop = Machine.Loop(backing.Path);
        using TestShard test = Start(engine);
        using TestFile device = TestFile.Existing(loop.Path, isDirect: true);
        ReadBack(test, device.Fd);

        Memory<byte> data = Rent(test, Block, fill: 0x5A);
        Assert.Equal(Block, test.Disk((disk, done) => disk.Write(device.Fd, data, Block, durable: true, done)));
        Assert.Equal(Block, test.Disk((disk, done) => disk.Write(device.Fd, data, 2 * Block, durable: true, done)));
        Assert.Equal(0, test.Disk((disk, done) => disk.DeviceZeroOut(device.Fd, Block, Block, done)));
        Assert.Equal(Block, test.Disk((disk, done) => disk.Read(device.Fd, data, Block, done)));
        Assert.False(data.Span.ContainsAnyExcept((byte)0));
        Assert.Equal(Block, test.Disk((disk, done) => disk.Read(device.Fd, data, 2 * Block, done)));
        Assert.False(data.Span.ContainsAnyExcept((byte)0x5A));
        Assert.Equal(0, test.Disk((disk, done) => disk.DeviceDiscard(device.Fd, 2 * Block, Block, done)));
        Assert.Equal(-Errno.EINVAL, test.Disk((disk, done) => disk.DeviceDiscard(device.Fd, 1, 512, done)));
        Assert.Equal(-Errno.EINVAL, test.Disk((disk, done) => disk.Read(device.Fd, data[..100], 1, done)));
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_read_beyond_the_end_gives_what_there_is(DiskEngine engine)
    {
        using TestShard test = Start(engine);
        using TestFile file = TestFile.Temporary(Block + 100);
        Memory<byte> data = Rent(test, 2 * Block, fill: 1);
        Assert.Equal(Block + 100, test.Disk((disk, done) => disk.Read(file.Fd, data, 0, done)));
        Assert.Equal(0, test.Disk((disk, done) => disk.Read(file.Fd, data, 10 * Block, done)));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Errors_come_back_as_negative_numbers(DiskEngine engine)
    {
        using TestShard test = Start(engine);
        using TestFile direct = TestFile.Temporary(4 * Block, isDirect: true);
        Memory<byte> data = Rent(test, Block, fill: 1);
        Assert.Equal(-Errno.EBADF, test.Disk((disk, done) => disk.Read(-1, data, 0, done)));
        Assert.Equal(-Errno.EBADF, test.Disk((disk, done) => disk.Sync(-1, dataOnly: true, done)));
        Assert.Equal(-Errno.ENOTTY, test.Disk((disk, done) => disk.DeviceDiscard(direct.Fd, 0, Block, done)));
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_full_file_system_gives_ENOSPC(DiskEngine engine)
    {
        using Machine.MountedFolder folder = Machine.Mount("tmpfs", "size=64k");
        using TestShard test = Start(engine);
        using TestFile file = TestFile.Temporary(1024 * 1024, folder: folder.Path);
        Memory<byte> data = Rent(test, 32768, fill: 1);
        Assert.Equal(32768, test.Disk((disk, done) => disk.Write(file.Fd, data, 0, durable: false, done)));
        Assert.Equal(-Errno.ENOSPC, test.Disk((disk, done) => disk.Write(file.Fd, Rent(test, 65536, 2), 65536, durable: false, done)));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Holes_and_zero_ranges_read_as_zeros_and_leave_their_neighbours(DiskEngine engine)
    {
        using TestShard test = Start(engine);
        using TestFile file = TestFile.Temporary(8 * Block);
        Memory<byte> all = Rent(test, 8 * Block, fill: 7);
        Assert.Equal(all.Length, test.Disk((disk, done) => disk.Write(file.Fd, all, 0, durable: false, done)));
        long hole = test.Disk((disk, done) => disk.PunchHole(file.Fd, Block, Block, done));
        Assert.SkipWhen(hole == -Errno.EOPNOTSUPP, "This file system cannot punch holes.");
        Assert.Equal(0, hole);
        long zero = test.Disk((disk, done) => disk.ZeroRange(file.Fd, 3 * Block, Block, done));
        Assert.True(zero is 0 or -Errno.EOPNOTSUPP);
        Assert.Equal(all.Length, test.Disk((disk, done) => disk.Read(file.Fd, all, 0, done)));
        for (int i = 0; i < 8; i++)
        {
            bool isZero = i == 1 || (i == 3 && zero == 0);
            Assert.False(all.Span.Slice(i * Block, Block).ContainsAnyExcept((byte)(isZero ? 0 : 7)));
        }
        Assert.Equal(8 * Block, new FileInfo(file.Path).Length);
    }

    [Theory, MemberData(nameof(Engines))]
    public void More_operations_than_the_kernel_takes_all_end(DiskEngine engine)
    {
        using TestShard test = Start(engine, depth: 8);
        using TestFile file = TestFile.Temporary(64 * Block, isDirect: true);
        var load = new DiskLoad(test, file.Fd, blocks: 64, count: 2000, queueDepth: 500, isWrite: false);
        TestShard.Wait(load.Run());
        Assert.Equal(0, test.Get(() => test.Shard.Disk.Outstanding));
        Assert.Equal(0, load.Failures);
    }

    [Fact]
    public void The_kernel_gets_them_eight_at_a_time_while_more_are_started()
    {
        const int count = 20;
        using TestShard test = Start(DiskEngine.Uring);
        using TestFile file = TestFile.Temporary(count * Block);
        var ended = new Countdown(count);
        var unsubmitted = new List<int>();
        test.Run(() =>
        {
            var disk = (UringDiskQueue)test.Shard.Disk;
            for (int index = 0; index < count; index++)
            {
                disk.Read(file.Fd, RentHere(test.Shard, Block), index * Block, ended);
                unsubmitted.Add(disk.UnsubmittedCount);
            }
        });
        TestShard.Wait(ended.Task);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4], unsubmitted);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_stop_waits_for_what_is_outstanding(DiskEngine engine)
    {
        var test = Start(engine);
        using TestFile file = TestFile.Temporary(64 * Block, isDirect: true);
        var load = new DiskLoad(test, file.Fd, blocks: 64, count: 100, queueDepth: 100, isWrite: true);
        Task done = load.Run();
        test.Dispose();
        Assert.True(done.IsCompleted);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_completion_that_throws_does_not_hold_up_the_others(DiskEngine engine)
    {
        var reported = new List<string>();
        using TestShard test = Start(engine, onUnhandled: e => reported.Add(e.Message));
        using TestFile file = TestFile.Temporary(64 * Block);
        var load = new DiskLoad(test, file.Fd, blocks: 64, count: 50, queueDepth: 10, isWrite: false);
        test.Run(() =>
        {
            for (int i = 0; i < 3; i++)
                test.Shard.Disk.Sync(file.Fd, dataOnly: true, new Thrower());
        });
        TestShard.Wait(load.Run());
        SpinWait.SpinUntil(() => test.Get(() => test.Shard.Disk.Outstanding) == 0, TestShard.Patience);
        Assert.Equal(["thrown", "thrown", "thrown"], reported);
    }

    private static void ReadBack(TestShard test, int fd)
    {
        Memory<byte> written = Rent(test, 3 * Block, fill: 0);
        new Random(1).NextBytes(written.Span);
        Memory<byte> read = Rent(test, 3 * Block, fill: 0);
        Assert.Equal(written.Length, test.Disk((disk, done) => disk.Write(fd, written, 5 * Block, durable: false, done)));
        Assert.Equal(Block, test.Disk((disk, done) => disk.Write(fd, written[..Block], 20 * Block, durable: true, done)));
        Assert.Equal(0, test.Disk((disk, done) => disk.Sync(fd, dataOnly: true, done)));
        Assert.Equal(0, test.Disk((disk, done) => disk.Sync(fd, dataOnly: false, done)));
        Assert.Equal(read.Length, test.Disk((disk, done) => disk.Read(fd, read, 5 * Block, done)));
        Assert.True(written.Span.SequenceEqual(read.Span));
        Assert.Equal(Block, test.Disk((disk, done) => disk.Read(fd, read[..Block], 20 * Block, done)));
        Assert.True(written.Span[..Block].SequenceEqual(read.Span[..Block]));
    }

    private static Memory<byte> Rent(TestShard test, int length, byte fill)
    {
        Memory<byte> data = test.Shard.IsCurrentThread ? RentHere(test.Shard, length) : test.Get(() => RentHere(test.Shard, length));
        data.Span.Fill(fill);
        return data;
    }

    private static Memory<byte> RentHere(Shard shard, int length)
    {
        Assert.True(shard.Buffers.TryRent(length, out Memory<byte> data));
        return data;
    }

    internal static TestShard Start(DiskEngine engine, int depth = 512, Action<Exception>? onUnhandled = null)
    {
        try
        {
            return new TestShard(new ShardOptions { Disk = engine, DiskDepth = depth, OnUnhandled = onUnhandled });
        }
        catch (NotSupportedException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    private sealed class Countdown(int count) : IDiskCompletion
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task Task => _done.Task;

        public void OnDiskCompleted(long result, object? state)
        {
            if (result == Block && --_left == 0)
                _done.SetResult();
        }
    }

    private sealed class Thrower : IDiskCompletion
    {
        public void OnDiskCompleted(long result, object? state) => throw new InvalidOperationException("thrown");
    }
}
