using ManagedNvmet.Io;
using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>The buffers of one shard as its connections see them, and the line of those who wait for one.</summary>
internal sealed class ShardBuffers(Shard shard) : IDataBuffers, IRoundEndHandler
{
    private readonly LinkedList<IBufferWaiter> waiters = [];
    private bool isScheduled;

    /// <summary>True while a connection waits: then little is read at a time, since what is read may have nowhere to go.</summary>
    public bool HasWaiters => waiters.Count > 0;

    public bool TryRent(int length, BufferUse use, out Memory<byte> buffer) =>
        use == BufferUse.Admin ? shard.AdminBuffers.TryRent(length, out buffer)
        : shard.Buffers.TryRent(length, out buffer) || (use == BufferUse.Capsule && shard.CapsuleBuffers.TryRent(length, out buffer));

    public void Return(Memory<byte> buffer)
    {
        BufferArena arena = shard.Buffers.Owns(buffer) ? shard.Buffers
            : shard.CapsuleBuffers.Owns(buffer) ? shard.CapsuleBuffers
            : shard.AdminBuffers;
        arena.Return(buffer);
        if (waiters.Count > 0)
            Schedule();
    }

    public void Wait(IBufferWaiter waiter) => waiters.AddLast(waiter);

    public void StopWaiting(IBufferWaiter waiter) => waiters.Remove(waiter);

    public void OnRoundEnd()
    {
        isScheduled = false;

        // Each is called once; who gets nothing asks again and stands at the end of the line.
        for (int left = waiters.Count; left > 0 && waiters.First is { } first; left--)
        {
            waiters.RemoveFirst();
            first.Value.OnBuffersAvailable();
        }
    }

    private void Schedule()
    {
        if (isScheduled)
            return;
        isScheduled = true;
        shard.AtRoundEnd(this);
    }
}
