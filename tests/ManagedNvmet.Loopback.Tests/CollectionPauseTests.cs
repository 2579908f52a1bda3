using System.Diagnostics;
using ManagedNvmet.Initiator;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>Garbage collections in a process with a target: hosts get their responses in time even when the heap is large.</summary>
[Collection(nameof(CollectionPauseTests))]
[CollectionDefinition(nameof(CollectionPauseTests), DisableParallelization = true)]
public sealed class CollectionPauseTests
{
    private const uint KeepAliveMilliseconds = 5_000;
    private const long HeapBytes = 2L << 30;
    private const int ObjectBytes = 256;
    private const int FullCollections = 2;

    [Fact]
    public async Task With_two_gibibytes_of_small_objects_and_full_collections_a_keep_alive_is_answered_within_its_time()
    {
        await using TestServer server = await TestServer.StartAsync("mem:1M", options => options.ShardCount = 1);
        await using InitiatorController host = await server.ConnectAsync(
            options => options with { KeepAliveMilliseconds = KeepAliveMilliseconds });
        Task heap = Task.Factory.StartNew(KeepAllocating, TaskCreationOptions.LongRunning);

        TimeSpan longest = TimeSpan.Zero;
        while (!heap.IsCompleted)
        {
            long asked = Stopwatch.GetTimestamp();
            (await host.Admin.SubmitAsync(new Protocol.Wire.SubmissionEntry { Opcode = 0x18 })).Require("Keep Alive");
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(asked).Ticks));
        }
        await heap;

        TestContext.Current.SendDiagnosticMessage(
            "longest answer {0:0} ms, longest pause {1:0} ms",
            longest.TotalMilliseconds,
            GC.GetGCMemoryInfo(GCKind.Any).PauseDurations[0].TotalMilliseconds);
        Assert.True(longest.TotalMilliseconds < KeepAliveMilliseconds, $"An answer took {longest.TotalMilliseconds:0} ms.");
        Assert.False(host.Admin.Closed.IsCompleted);
    }

    /// <summary>Fills the heap and replaces its objects until the garbage collector has collected it several times.</summary>
    private static void KeepAllocating()
    {
        const int PerChunk = 4096;
        var chunks = new byte[HeapBytes / ObjectBytes / PerChunk][][];
        for (int index = 0; index < chunks.Length; index++)
            chunks[index] = Chunk();
        int enough = GC.CollectionCount(GC.MaxGeneration) + FullCollections;
        for (int index = 0; GC.CollectionCount(GC.MaxGeneration) < enough; index = (index + 7919) % chunks.Length)
            chunks[index] = Chunk();
        GC.KeepAlive(chunks);

        static byte[][] Chunk()
        {
            var chunk = new byte[PerChunk][];
            for (int index = 0; index < chunk.Length; index++)
                chunk[index] = new byte[ObjectBytes - 24];
            return chunk;
        }
    }
}
