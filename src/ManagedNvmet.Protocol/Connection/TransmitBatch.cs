namespace ManagedNvmet.Protocol.Connection;

/// <summary>What goes out in one gather send: headers from a scratch area, data from where it lies. A shard has one for all its connections.</summary>
public sealed class TransmitBatch
{
    private readonly byte[] scratch;
    private readonly ReadOnlyMemory<byte>[] segments;
    private readonly long maxBytes;
    private int scratchUsed;
    private int lastScratchEnd = -1;
    private int count;

    /// <param name="maxSegments">Most pieces of memory in a batch: IOV_MAX is 1024.</param>
    /// <param name="maxBytes">The batch takes no further PDU when it holds this many bytes.</param>
    public TransmitBatch(int maxSegments = 1024, long maxBytes = 1024 * 1024)
    {
        this.maxBytes = maxBytes;
        segments = new ReadOnlyMemory<byte>[maxSegments];

        // Every segment of scratch is at most one header with padding and digest; pinned, since the kernel reads it by address.
        scratch = GC.AllocateUninitializedArray<byte>(Math.Min(maxSegments, 1024) * 160, pinned: true);
    }

    /// <summary>The pieces in the order in which they are sent.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Segments => segments.AsSpan(0, count);

    /// <summary>Bytes in the batch.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        segments.AsSpan(0, count).Clear();
        count = 0;
        scratchUsed = 0;
        lastScratchEnd = -1;
        TotalBytes = 0;
    }

    /// <summary>True while another PDU of at most <paramref name="pieces"/> pieces fits.</summary>
    internal bool HasRoom(int pieces) =>
        count + pieces <= segments.Length && TotalBytes < maxBytes && scratchUsed + (pieces * 160) <= scratch.Length;

    /// <summary>Takes room for a header; it is part of the batch once <see cref="Commit"/> says so.</summary>
    internal Span<byte> Reserve(int length) => scratch.AsSpan(scratchUsed, length);

    /// <summary>Adds what was written into the reserved room, without its first <paramref name="skip"/> bytes.</summary>
    internal void Commit(int length, int skip)
    {
        int start = scratchUsed + skip;
        int added = length - skip;
        scratchUsed += length;
        if (added <= 0)
            return;
        if (lastScratchEnd == start)
        {
            // Directly behind the previous header or response: one piece.
            ReadOnlyMemory<byte> previous = segments[count - 1];
            segments[count - 1] = scratch.AsMemory(start - previous.Length, previous.Length + added);
        }
        else
        {
            segments[count++] = scratch.AsMemory(start, added);
        }
        lastScratchEnd = start + added;
        TotalBytes += added;
    }

    /// <summary>Adds data where it lies.</summary>
    internal void Add(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty)
            return;
        segments[count++] = data;
        lastScratchEnd = -1;
        TotalBytes += data.Length;
    }
}
