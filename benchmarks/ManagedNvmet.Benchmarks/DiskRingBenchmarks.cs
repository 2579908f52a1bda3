using BenchmarkDotNet.Attributes;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Loop;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace ManagedNvmet.Benchmarks;

/// <summary>Time of 4 KiB reads through a shard's disk ring. The file is in the page cache, so that the benchmark measures the ring and the
/// shard's loop instead of the disk.</summary>
[MemoryDiagnoser]
public class DiskRingBenchmarks : IDiskCompletion
{
    private const int Operations = 4096;
    private const int Block = 4096;
    private const int Blocks = 256;

    private readonly ManualResetEventSlim _ended = new();
    private readonly string _path = Path.GetTempFileName();
    private Shard? _shard;
    private SafeFileHandle? _file;
    private Memory<byte>[] _buffers = [];
    private int _started;
    private int _completed;

    /// <summary>Number of outstanding reads.</summary>
    [Params(1, 32)]
    public int Depth { get; set; }

    /// <summary>Bytes that the shard's thread allocated in the last <see cref="RoundTrip"/>.</summary>
    public long AllocatedOnShard { get; private set; }

    /// <summary>Starts a shard and creates the file.</summary>
    [GlobalSetup]
    public void Setup()
    {
        File.WriteAllBytes(_path, new byte[Blocks * Block]);
        _file = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.Read);
        _shard = new Shard(new ShardOptions(), NullLogger.Instance);
        _shard.Start();
        _buffers = [.. Enumerable.Range(0, Depth).Select(_ => (Memory<byte>)GC.AllocateArray<byte>(Block, pinned: true))];
    }

    /// <summary>Stops the shard and deletes the file.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _shard?.Stop();
        _file?.Dispose();
        File.Delete(_path);
    }

    /// <summary>One of 4096 reads, from submission to completion.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public int RoundTrip()
    {
        _ended.Reset();
        _shard!.Post(static state => ((DiskRingBenchmarks)state!).Begin(), this);
        _ended.Wait();
        return _completed;
    }

    void IDiskCompletion.OnDiskCompleted(long result, object? state)
    {
        if (result != Block)
            throw new InvalidOperationException($"A read of {Block} bytes returned {result}.");
        _completed++;
        if (_started < Operations)
        {
            Start((int)(_started % Depth));
        }
        else if (_completed == Operations)
        {
            AllocatedOnShard += GC.GetAllocatedBytesForCurrentThread();
            _ended.Set();
        }
    }

    private void Begin()
    {
        _started = _completed = 0;
        AllocatedOnShard = -GC.GetAllocatedBytesForCurrentThread();
        for (int index = 0; index < Depth; index++)
            Start(index);
    }

    private void Start(int buffer)
    {
        long offset = _started++ % Blocks * (long)Block;
        _shard!.Disk.Read((int)_file!.DangerousGetHandle(), _buffers[buffer], offset, this);
    }
}
