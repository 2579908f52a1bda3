using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Testing;

/// <summary>A limited number of data buffers, with checks. Returning memory that was not rented in this way throws. Returned memory is
/// overwritten, so that a later use is detected. Waiters are called at the end of a round, as on a shard.</summary>
public sealed class TestBuffers(int ioBuffers = 1024, int adminBuffers = 64, int inCapsuleReserve = 0) : IDataBuffers
{
    // A buffer begins inside its array, so that returning a slice of it is detected.
    private const int Margin = 64;
    private const byte Poison = 0xDD;

    private readonly List<Block> _blocks = [];
    private readonly LinkedList<IBufferWaiter> _waiters = [];
    private bool _hasReturns;

    public int IoLimit { get; set; } = ioBuffers;

    public int AdminLimit { get; set; } = adminBuffers;

    /// <summary>Number of rented buffers.</summary>
    public int Rented => IoRented + AdminRented;

    public int IoRented { get; private set; }

    public int AdminRented { get; private set; }

    /// <summary>Number of rented buffers of the reserve for in-capsule data.</summary>
    public int CapsuleRented => Math.Max(0, IoRented - IoLimit);

    /// <summary>Size of the largest requested buffer in bytes.</summary>
    public int LargestRent { get; private set; }

    /// <summary>Number of granted rents.</summary>
    public long TotalRents { get; private set; }

    public int Waiters => _waiters.Count;

    /// <summary>True to overwrite returned buffers. Benchmarks disable it.</summary>
    public bool PoisonsReturned { get; set; } = true;

    public bool TryRent(int length, BufferUse use, out Memory<byte> buffer)
    {
        if (length < 1)
            throw new ArgumentOutOfRangeException(nameof(length), length, "Expected at least one byte.");
        buffer = default;
        bool isAdmin = use == BufferUse.Admin;
        if (isAdmin ? AdminRented >= AdminLimit : IoRented >= IoLimit + (use == BufferUse.InCapsule ? inCapsuleReserve : 0))
            return false;
        Block block = FindFree(length);
        block.IsRented = true;
        block.IsAdmin = isAdmin;
        block.Length = length;
        if (isAdmin)
            AdminRented++;
        else
            IoRented++;
        TotalRents++;
        LargestRent = Math.Max(LargestRent, length);
        buffer = block.Storage.AsMemory(Margin, length);
        return true;
    }

    public void Return(Memory<byte> buffer)
    {
        if (!MemoryMarshal.TryGetArray<byte>(buffer, out ArraySegment<byte> segment))
            throw new InvalidOperationException("A buffer came back that was never lent.");
        Block block = FindOwner(segment.Array!);
        if (!block.IsRented)
            throw new InvalidOperationException("A buffer was returned twice.");
        if (segment.Offset != Margin || segment.Count != block.Length)
            throw new InvalidOperationException(
                $"A buffer of {block.Length} bytes came back as {segment.Count} bytes at {segment.Offset - Margin}.");
        block.IsRented = false;
        if (PoisonsReturned)
            segment.AsSpan().Fill(Poison);
        if (block.IsAdmin)
            AdminRented--;
        else
            IoRented--;
        _hasReturns = true;
    }

    public void Wait(IBufferWaiter waiter) => _waiters.AddLast(waiter);

    public void StopWaiting(IBufferWaiter waiter)
    {
        if (!_waiters.Remove(waiter))
            throw new InvalidOperationException("Nobody of that name was waiting.");
    }

    /// <summary>Calls each waiter once if a buffer was returned. Returns false when there was nothing to do.</summary>
    public bool EndRound()
    {
        if (!_hasReturns)
            return false;
        _hasReturns = false;
        bool hadWaiters = _waiters.Count > 0;
        for (int left = _waiters.Count; left > 0 && _waiters.First is { } first; left--)
        {
            _waiters.RemoveFirst();
            first.Value.OnBuffersAvailable();
        }
        return hadWaiters;
    }

    /// <summary>Raises the limit, as if another connection had returned buffers.</summary>
    public void AddIo(int count)
    {
        IoLimit += count;
        _hasReturns = true;
    }

    private Block FindFree(int length)
    {
        foreach (Block block in CollectionsMarshal.AsSpan(_blocks))
        {
            if (!block.IsRented && block.Storage.Length >= length + Margin)
                return block;
        }
        var created = new Block(new byte[length + Margin]);
        _blocks.Add(created);
        return created;
    }

    private Block FindOwner(byte[] storage)
    {
        foreach (Block block in CollectionsMarshal.AsSpan(_blocks))
        {
            if (block.Storage == storage)
                return block;
        }
        throw new InvalidOperationException("A buffer came back that was never lent.");
    }

    private sealed class Block(byte[] storage)
    {
        public readonly byte[] Storage = storage;
        public bool IsRented;
        public bool IsAdmin;
        public int Length;
    }
}
