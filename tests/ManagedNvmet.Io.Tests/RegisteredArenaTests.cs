using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Tests;

/// <summary>The ring registers the arena's buffers when they are first used. Where the kernel refuses that, it works without.</summary>
public sealed partial class RegisteredArenaTests
{
    private const int Block = 4096;
    private const int MemoryLockLimit = 8;
    private const uint CapabilityVersion = 0x20080522;
    private const int MayLockMemory = 14;

    [Fact]
    public void A_piece_of_the_arena_is_registered_at_its_first_transfer_and_not_before()
    {
        using TestShard test = DiskQueueTests.Start(DiskEngine.Uring);
        using TestFile file = TestFile.Temporary(4 * Block, isDirect: true);
        Assert.Equal(0, Registered(test));

        // Other pinned memory is used without registration.
        Memory<byte> other = MemoryMarshal.CreateFromPinnedArray(GC.AllocateArray<byte>(2 * Block, pinned: true), 0, 100);
        using TestFile buffered = TestFile.Existing(file.Path, isDirect: false);
        Assert.Equal(100, test.Disk((disk, done) => disk.Read(buffered.Fd, other, 0, done)));
        Assert.Equal(0, Registered(test));

        ReadBack(test, file.Fd);
        Assert.Equal(1, Registered(test));
    }

    [Fact]
    public void Buffers_of_two_pieces_are_each_their_own()
    {
        using TestShard test = DiskQueueTests.Start(DiskEngine.Uring);
        using TestFile file = TestFile.Temporary(4 * 1024 * 1024, isDirect: true);
        int bytes = test.Shard.Buffers.MaxBlockBytes;
        Memory<byte> first = test.Get(() => Rent(test, bytes));
        Memory<byte> second = test.Get(() => Rent(test, bytes));
        first.Span.Fill(1);
        second.Span.Fill(2);
        Assert.Equal(bytes, test.Disk((disk, done) => disk.Write(file.Fd, first, 0, durable: false, done)));
        Assert.Equal(bytes, test.Disk((disk, done) => disk.Write(file.Fd, second, bytes, durable: true, done)));
        Assert.Equal(2, Registered(test));
        Assert.Equal(bytes, test.Disk((disk, done) => disk.Read(file.Fd, first, bytes, done)));
        Assert.False(first.Span.ContainsAnyExcept((byte)2));
    }

    [Fact]
    public void More_pieces_than_the_kernel_takes_are_not_registered_and_work_all_the_same()
    {
        // A table of registered buffers has at most 16384 entries.
        using var test = new TestShard(new ShardOptions { BufferBytes = 17_000 * Block, MaxBufferBytes = Block });
        Assert.SkipUnless(test.Shard.Disk.Engine == DiskEngine.Uring, "There is no io_uring here.");
        using TestFile file = TestFile.Temporary(4 * Block, isDirect: true);
        ReadBack(test, file.Fd);
        Assert.Equal(0, Registered(test));
    }

    [Fact]
    public void Without_lockable_memory_nothing_is_registered_and_everything_works()
    {
        TestShard? test = null;
        var starter = new Thread(() => test = WithoutLockableMemory());
        starter.Start();
        starter.Join();
        using TestShard shard = test!;
        Assert.SkipUnless(shard.Shard.Disk.Engine == DiskEngine.Uring, "There is no io_uring here.");
        using TestFile file = TestFile.Temporary(4 * Block, isDirect: true);
        RLimit limit = default;
        Assert.Equal(0, GetLimit(MemoryLockLimit, ref limit));
        var none = new RLimit { Current = 0, Maximum = limit.Maximum };
        Assert.Equal(0, SetLimit(MemoryLockLimit, ref none));
        try
        {
            ReadBack(shard, file.Fd);
        }
        finally
        {
            Assert.Equal(0, SetLimit(MemoryLockLimit, ref limit));
        }
        Assert.Equal(0, Registered(shard));
    }

    // Capabilities belong to a thread, and the shard's thread inherits those of the thread that starts it.
    private static TestShard WithoutLockableMemory()
    {
        var header = new CapabilityHeader { Version = CapabilityVersion };
        var capabilities = new uint[6];
        Assert.Equal(0, GetCapabilities(ref header, capabilities));
        capabilities[0] &= ~(1u << MayLockMemory);
        Assert.Equal(0, SetCapabilities(ref header, capabilities));
        return new TestShard();
    }

    private static void ReadBack(TestShard test, int fd)
    {
        Memory<byte> data = test.Get(() => Rent(test, Block));
        data.Span.Fill(0x5A);
        Assert.Equal(Block, test.Disk((disk, done) => disk.Write(fd, data, Block, durable: true, done)));
        data.Span.Clear();
        Assert.Equal(Block, test.Disk((disk, done) => disk.Read(fd, data, Block, done)));
        Assert.False(data.Span.ContainsAnyExcept((byte)0x5A));
    }

    private static Memory<byte> Rent(TestShard test, int bytes)
    {
        Assert.True(test.Shard.Buffers.TryRent(bytes, out Memory<byte> buffer));
        return buffer;
    }

    private static int Registered(TestShard test) => test.Get(() => ((UringDiskQueue)test.Shard.Disk).RegisteredPieceCount);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ref RLimit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, ref RLimit limit);

    [LibraryImport("libc", EntryPoint = "capget")]
    private static partial int GetCapabilities(ref CapabilityHeader header, [In, Out] uint[] capabilities);

    [LibraryImport("libc", EntryPoint = "capset")]
    private static partial int SetCapabilities(ref CapabilityHeader header, [In, Out] uint[] capabilities);

    private struct RLimit
    {
        public nuint Current;
        public nuint Maximum;
    }

    private struct CapabilityHeader
    {
        public uint Version;
        public int Process;
    }
}
