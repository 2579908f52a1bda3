using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Memory;
using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>The data buffers of one shard for its connections, and the list of connections that wait for one.</summary>
/// <remarks>Used on the shard's thread only.</remarks>
internal sealed class ShardBuffers(Shard shard) : IDataBuffers, IRoundEndHandler
{
    // The reserve holds 16 writes of the largest in-capsule size. Such a write waits only for the disk, so the reserve always becomes free.
    private const int LargestInCapsuleBytes = 64 * 1024;
    private const int InCapsuleReserveBytes = 16 * LargestInCapsuleBytes;

    private readonly BufferArena _inCapsuleReserve = new(InCapsuleReserveBytes, LargestInCapsuleBytes);
    private readonly LinkedList<IBufferWaiter> _waiters = [];
    private bool _isScheduled;

    /// <summary>True while a connection waits for a buffer. Sockets then receive less at a time, because received data may find no
    /// buffer.</summary>
    public bool HasWaiters => _waiters.Count > 0;

    public int WaiterCount => _waiters.Count;

    public bool TryRent(int length, BufferUse use, out Memory<byte> buffer)
    {
        if (use == BufferUse.Admin)
            return shard.AdminBuffers.TryRent(length, out buffer);
        return shard.Buffers.TryRent(length, out buffer) || (use == BufferUse.InCapsule && _inCapsuleReserve.TryRent(length, out buffer));
    }

    public void Return(Memory<byte> buffer)
    {
        BufferArena owner = shard.Buffers.Owns(buffer) ? shard.Buffers
            : _inCapsuleReserve.Owns(buffer) ? _inCapsuleReserve
            : shard.AdminBuffers;
        owner.Return(buffer);
        if (_waiters.Count > 0)
            Schedule();
    }

    public void Wait(IBufferWaiter waiter) => _waiters.AddLast(waiter);

    public void StopWaiting(IBufferWaiter waiter) => _waiters.Remove(waiter);

    public void OnRoundEnd()
    {
        _isScheduled = false;

        // Calls each waiter once. A waiter that gets no buffer waits again, at the end of the list.
        for (int left = _waiters.Count; left > 0 && _waiters.First is { } first; left--)
        {
            _waiters.RemoveFirst();
            first.Value.OnBuffersAvailable();
        }
    }

    private void Schedule()
    {
        if (_isScheduled)
            return;
        _isScheduled = true;
        shard.AtRoundEnd(this);
    }
}
