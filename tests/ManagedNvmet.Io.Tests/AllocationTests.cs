using System.Runtime.CompilerServices;

namespace ManagedNvmet.Io.Tests;

/// <summary>Operations that allocate nothing in steady state.</summary>
public class AllocationTests
{
    private const int Mebibyte = 1024 * 1024;

    private static readonly Action<object?> Add = static state => ((StrongBox<int>)state!).Value++;

    [Fact]
    public void Renting_and_returning_allocates_nothing()
    {
        var arena = new BufferArena(Mebibyte, 65536);
        for (int warm = 0; warm < 2; warm++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++)
            {
                arena.TryRent(1 + (i % 65536), out Memory<byte> buffer);
                arena.Return(buffer);
            }
            if (warm == 1)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void Posting_allocates_nothing()
    {
        using var test = new TestShard();
        var counter = new StrongBox<int>();
        for (int warm = 0; warm < 2; warm++)
        {
            // Blocks the shard meanwhile, so that its queue grows to its full length in the first run.
            using var held = new ManualResetEventSlim();
            using var go = new ManualResetEventSlim();
            test.Shard.Post(_ =>
            {
                held.Set();
                go.Wait();
            }, null);
            held.Wait();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++)
                test.Shard.Post(Add, counter);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            go.Set();
            test.Run(() => { });
            Assert.True(warm == 0 || allocated == 0, $"{allocated} bytes were allocated.");
        }
        Assert.Equal(100, counter.Value);
    }

    [Theory, MemberData(nameof(DiskQueueTests.Halves), MemberType = typeof(DiskQueueTests))]
    public void An_operation_allocates_nothing(DiskEngine engine, bool isDirect)
    {
        using TestShard test = DiskQueueTests.Start(engine);
        using TestFile file = TestFile.Temporary(64 * 4096, isDirect);
        TestShard.Wait(new DiskLoad(test, file.Fd, blocks: 64, count: 5000, queueDepth: 32, isWrite: true).Run());

        // Takes the smallest of several runs, because worker threads may start in the first ones, also for operations that io_uring returns
        // with EAGAIN. An allocation per operation occurs in all runs.
        long least = long.MaxValue;
        for (int run = 0; run < 3 && least != 0; run++)
        {
            var load = new DiskLoad(test, file.Fd, blocks: 64, count: 5000, queueDepth: 32, isWrite: false);
            TestShard.Wait(load.Run());
            Assert.Equal(0, load.Failures);
            least = Math.Min(least, load.AllocatedBytes);
        }
        Assert.InRange(least, 0, engine == DiskEngine.Uring ? 0 : 1000);
    }
}
