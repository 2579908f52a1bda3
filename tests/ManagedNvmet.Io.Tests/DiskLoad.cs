namespace ManagedNvmet.Io.Tests;

/// <summary>Runs a number of 4096-byte reads or writes on a shard with a constant queue depth. It allocates nothing itself.</summary>
internal sealed class DiskLoad(TestShard test, int fd, int blocks, int count, int queueDepth, bool isWrite) : IDiskCompletion
{
    private const int Block = 4096;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Slot[] _slots = new Slot[queueDepth];
    private int _started;
    private int _ended;
    private long _before;

    public int Failures { get; private set; }

    /// <summary>Bytes that the shard's thread allocated between the first start and the last completion.</summary>
    public long AllocatedBytes { get; private set; }

    public Task Run()
    {
        test.Shard.Post(_ =>
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                Assert.True(test.Shard.Buffers.TryRent(Block, out Memory<byte> data));
                _slots[i] = new Slot(data);
            }
            _before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < _slots.Length && i < count; i++)
                Start(_slots[i]);
        }, null);
        return _done.Task;
    }

    public void OnDiskCompleted(long result, object? state)
    {
        Failures += result == Block ? 0 : 1;
        if (++_ended == count)
        {
            AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - _before;
            foreach (Slot slot in _slots)
                test.Shard.Buffers.Return(slot.Data);
            _done.SetResult();
        }
        else if (_started < count)
            Start((Slot)state!);
    }

    private void Start(Slot slot)
    {
        long offset = (long)((_started++ * 7919L) % blocks) * Block;
        if (isWrite)
            test.Shard.Disk.Write(fd, slot.Data, offset, durable: false, this, slot);
        else
            test.Shard.Disk.Read(fd, slot.Data, offset, this, slot);
    }

    private sealed record Slot(Memory<byte> Data);
}
