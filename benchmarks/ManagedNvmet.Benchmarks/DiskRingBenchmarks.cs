using BenchmarkDotNet.Attributes;
using ManagedNvmet.Io;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace ManagedNvmet.Benchmarks;

/// <summary>4 KiB reads through a shard's disk ring, of a file that is in the page cache: what the ring and the loop cost, not the disk.</summary>
[MemoryDiagnoser]
public class DiskRingBenchmarks : IDiskCompletion
{
    private const int Operations = 4096;
    private const int Block = 4096;
    private const int Blocks = 256;

    private readonly ManualResetEventSlim ended = new();
    private readonly string path = Path.GetTempFileName();
    private Shard? shard;
    private SafeFileHandle? file;
    private Memory<byte>[] buffers = [];
    private int started;
    private int completed;

    /// <summary>Operations in flight.</summary>
    [Params(1, 32)]
    public int Depth { get; set; }

    /// <summary>Bytes that the shard's thread has allocated in the last <see cref="RoundTrip"/>.</summary>
    public long AllocatedOnShard { get; private set; }

    /// <summary>Starts a shard and makes a file.</summary>
    [GlobalSetup]
    public void Setup()
    {
        File.WriteAllBytes(path, new byte[Blocks * Block]);
        file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        shard = new Shard(new ShardOptions(), NullLogger.Instance);
        shard.Start();
        buffers = [.. Enumerable.Range(0, Depth).Select(_ => (Memory<byte>)GC.AllocateArray<byte>(Block, pinned: true))];
    }

    /// <summary>Ends it all.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        shard?.Stop();
        file?.Dispose();
        File.Delete(path);
    }

    /// <summary>One read of many, from submission to completion.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public int RoundTrip()
    {
        ended.Reset();
        shard!.Post(static state => ((DiskRingBenchmarks)state!).Begin(), this);
        ended.Wait();
        return completed;
    }

    void IDiskCompletion.OnDiskCompleted(long result, object? state)
    {
        if (result != Block)
            throw new InvalidOperationException($"A read of {Block} bytes ended with {result}.");
        completed++;
        if (started < Operations)
        {
            Start((int)(started % Depth));
        }
        else if (completed == Operations)
        {
            AllocatedOnShard += GC.GetAllocatedBytesForCurrentThread();
            ended.Set();
        }
    }

    private void Begin()
    {
        started = completed = 0;
        AllocatedOnShard = -GC.GetAllocatedBytesForCurrentThread();
        for (int index = 0; index < Depth; index++)
            Start(index);
    }

    private void Start(int buffer)
    {
        long offset = started++ % Blocks * (long)Block;
        shard!.Disk.Read((int)file!.DangerousGetHandle(), buffers[buffer], offset, this);
    }
}
