using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Memory;

/// <summary>Pinned data buffers, aligned to 4096 bytes, from one block of memory that is allocated at the start.</summary>
/// <remarks>A buddy allocator: blocks are powers of two, and a returned block joins its free neighbour. The free block at the lowest
/// address is used first: the operating system commits a page at its first write, so memory that the load never needs is never committed.
/// An arena of 2 MiB or more uses huge pages where the kernel offers them: a disk transfers contiguous memory in fewer parts. Renting and
/// returning take logarithmic time and allocate nothing. Belongs to one thread.</remarks>
public sealed unsafe class BufferArena
{
    /// <summary>Bytes of the smallest block, and the alignment of all of them.</summary>
    public const int BlockAlignment = 4096;

    private readonly byte[] _storage;
    private readonly int _firstByte;
    private readonly int _leafCount;

    // A binary tree over the smallest blocks, the children of node n at 2n and 2n+1. Each node holds the order of the largest free
    // block beneath it plus one, or 0 when there is none.
    private readonly byte[] _largestFree;
    private readonly int _treeLeafCount;
    private readonly int _rootOrder;

    // Order plus one of the block rented at this leaf; 0 where none begins.
    private readonly byte[] _rentedOrder;

    /// <summary>Reserves the memory; no page is committed yet.</summary>
    /// <param name="totalBytes">Size of the arena, rounded down to whole blocks of 4096 bytes; less than 2 GiB.</param>
    /// <param name="maxBlockBytes">Largest rent: a power of two from 4096 up.</param>
    public BufferArena(int totalBytes, int maxBlockBytes)
    {
        if (maxBlockBytes < BlockAlignment || !int.IsPow2(maxBlockBytes))
            throw new ArgumentOutOfRangeException(nameof(maxBlockBytes), maxBlockBytes, "Expected a power of two from 4096 up.");
        if (totalBytes < maxBlockBytes || totalBytes > Array.MaxLength - HugePages.Bytes)
            throw new ArgumentOutOfRangeException(nameof(totalBytes), totalBytes, "Expected one largest block or more, and below 2 GiB.");
        MaxBlockBytes = maxBlockBytes;
        _leafCount = totalBytes / BlockAlignment;
        TotalBytes = _leafCount * BlockAlignment;
        int alignment = TotalBytes < HugePages.Bytes ? BlockAlignment : HugePages.Bytes;
        _storage = GC.AllocateUninitializedArray<byte>(TotalBytes + alignment, pinned: true);

        // The array is allocated pinned, so its address, and with it this alignment, holds for as long as the arena lives.
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_storage));
        _firstByte = (int)(-address & (alignment - 1));
        if (alignment == HugePages.Bytes)
            HugePages.Ask(address + _firstByte, (nuint)TotalBytes);

        _treeLeafCount = (int)BitOperations.RoundUpToPowerOf2((uint)_leafCount);
        _rootOrder = BitOperations.Log2((uint)_treeLeafCount);
        _rentedOrder = new byte[_leafCount];
        _largestFree = new byte[2 * _treeLeafCount];
        Array.Fill(_largestFree, (byte)1, _treeLeafCount, _leafCount);
        int order = 1;
        for (int first = _treeLeafCount / 2; first >= 1; first /= 2, order++)
        {
            for (int node = first; node < 2 * first; node++)
                _largestFree[node] = Join(node, order);
        }
    }

    /// <summary>Size of the arena in bytes.</summary>
    public int TotalBytes { get; }

    /// <summary>Largest length that can be rented, in bytes.</summary>
    public int MaxBlockBytes { get; }

    /// <summary>Blocks that are rented now.</summary>
    public int RentedCount { get; private set; }

    /// <summary>Bytes of the blocks that are rented now; a block is a power of two from 4096 up.</summary>
    public long RentedBytes { get; private set; }

    /// <summary>Takes a buffer; its contents are undefined.</summary>
    /// <param name="length">1 to <see cref="MaxBlockBytes"/>, in bytes.</param>
    /// <param name="buffer">Exactly <paramref name="length"/> bytes.</param>
    /// <returns>False when no block of that size is free.</returns>
    public bool TryRent(int length, out Memory<byte> buffer)
    {
        if (length < 1 || length > MaxBlockBytes)
            throw new ArgumentOutOfRangeException(nameof(length), length, "Expected 1 to the largest block.");
        int order = OrderOf(length);
        if (_largestFree[1] <= order)
        {
            buffer = default;
            return false;
        }

        int node = 1;
        for (int level = _rootOrder; level > order; level--)
        {
            node *= 2;
            if (_largestFree[node] <= order)
                node++;
        }
        _largestFree[node] = 0;
        UpdateAncestors(node, order);

        int leaf = (node << order) - _treeLeafCount;
        _rentedOrder[leaf] = (byte)(order + 1);
        RentedCount++;
        RentedBytes += (long)BlockAlignment << order;
        buffer = MemoryMarshal.CreateFromPinnedArray(_storage, _firstByte + (leaf * BlockAlignment), length);
        return true;
    }

    /// <summary>Gives back a buffer as it was rented.</summary>
    /// <exception cref="ArgumentException">It is not a whole rented buffer of this arena.</exception>
    public void Return(Memory<byte> buffer)
    {
        if (!MemoryMarshal.TryGetArray<byte>(buffer, out ArraySegment<byte> segment) || !ReferenceEquals(segment.Array, _storage))
            throw new ArgumentException("The buffer does not come from this arena.", nameof(buffer));
        int offset = segment.Offset - _firstByte;
        if (buffer.IsEmpty || buffer.Length > MaxBlockBytes || offset < 0 || offset % BlockAlignment != 0)
            throw new ArgumentException("The buffer is not the whole of what was rented.", nameof(buffer));
        int leaf = offset / BlockAlignment;
        int order = _rentedOrder[leaf] - 1;
        if (order < 0)
            throw new ArgumentException("The buffer is not rented: it was returned before, or is the middle of another.", nameof(buffer));
        if (OrderOf(buffer.Length) != order)
            throw new ArgumentException("The buffer is not the whole of what was rented.", nameof(buffer));

        _rentedOrder[leaf] = 0;
        RentedCount--;
        RentedBytes -= (long)BlockAlignment << order;
        int node = (leaf + _treeLeafCount) >> order;
        _largestFree[node] = (byte)(order + 1);
        UpdateAncestors(node, order);
    }

    /// <summary>Pieces of the arena of <see cref="MaxBlockBytes"/>, the last of which may be shorter. Each block lies inside one
    /// piece.</summary>
    public int PieceCount => (TotalBytes + MaxBlockBytes - 1) / MaxBlockBytes;

    /// <summary>The piece with this index.</summary>
    public Memory<byte> Piece(int index)
    {
        int start = index * MaxBlockBytes;
        return MemoryMarshal.CreateFromPinnedArray(_storage, _firstByte + start, Math.Min(MaxBlockBytes, TotalBytes - start));
    }

    /// <summary>The piece that a buffer lies in, or -1 when the buffer is not of this arena.</summary>
    public int PieceOf(Memory<byte> buffer) =>
        MemoryMarshal.TryGetArray<byte>(buffer, out ArraySegment<byte> segment) && ReferenceEquals(segment.Array, _storage)
            ? (segment.Offset - _firstByte) / MaxBlockBytes
            : -1;

    /// <summary>True for a buffer of this arena.</summary>
    public bool Owns(Memory<byte> buffer) =>
        MemoryMarshal.TryGetArray<byte>(buffer, out ArraySegment<byte> segment) && ReferenceEquals(segment.Array, _storage);

    private static int OrderOf(int length) =>
        BitOperations.Log2(BitOperations.RoundUpToPowerOf2(((uint)length + BlockAlignment - 1) / BlockAlignment));

    private void UpdateAncestors(int node, int order)
    {
        while (node > 1)
        {
            node /= 2;
            order++;
            byte value = Join(node, order);
            if (_largestFree[node] == value)
                return;
            _largestFree[node] = value;
        }
    }

    // Two children that are free as a whole make a block of their parent's order.
    private byte Join(int node, int order)
    {
        byte left = _largestFree[2 * node];
        byte right = _largestFree[(2 * node) + 1];
        return left == order && right == order ? (byte)(order + 1) : Math.Max(left, right);
    }
}
