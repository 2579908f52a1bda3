using System.Runtime.CompilerServices;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>What goes out in one gather send: headers from a scratch area, data from where it lies. A shard has one for all its connections.</summary>
public sealed class TransmitBatch
{
    /// <summary>Most pieces of a PDU: its header, its data and its digest.</summary>
    internal const int PiecesOfPdu = 3;

    // No header with padding and digest is longer.
    private const int ScratchOfPiece = 160;

    private readonly byte[] scratch;
    private readonly ReadOnlyMemory<byte>[] segments;
    private readonly long maxBytes;
    private int scratchUsed;
    private int first;
    private int count;

    // From where scratch is not in a segment yet: headers and responses that stand behind each other are one piece.
    private int runStart;

    // Bytes at the front that were sent already, and are still in the segments.
    private int skipped;

    /// <param name="maxSegments">Most pieces of memory in a batch: IOV_MAX is 1024.</param>
    /// <param name="maxBytes">The batch takes no further PDU when it holds this many bytes.</param>
    public TransmitBatch(int maxSegments = 1024, long maxBytes = 1024 * 1024)
    {
        this.maxBytes = maxBytes;
        segments = new ReadOnlyMemory<byte>[maxSegments];

        // Pinned, since the kernel reads it by address.
        scratch = GC.AllocateUninitializedArray<byte>(Math.Min(maxSegments, 1024) * ScratchOfPiece, pinned: true);
    }

    /// <summary>The pieces in the order in which they are sent.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Segments
    {
        get
        {
            EndRun();
            DropSkipped();
            return segments.AsSpan(first, count - first);
        }
    }

    /// <summary>Bytes in the batch.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        segments.AsSpan(0, count).Clear();
        first = 0;
        count = 0;
        scratchUsed = 0;
        runStart = 0;
        skipped = 0;
        TotalBytes = 0;
    }

    /// <summary>True while another PDU fits.</summary>
    internal bool HasRoom
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => count + PiecesOfPdu <= segments.Length && TotalBytes < maxBytes
            && scratchUsed + (PiecesOfPdu * ScratchOfPiece) <= scratch.Length;
    }

    /// <summary>Takes room for a header; it is part of the batch once <see cref="Commit"/> says so.</summary>
    internal Span<byte> Reserve(int length) => scratch.AsSpan(scratchUsed, length);

    /// <summary>Says of a batch that is still empty that the first bytes of what comes were sent already: they are no part of it.</summary>
    internal void Skip(int bytes)
    {
        skipped = bytes;
        TotalBytes = -bytes;
    }

    /// <summary>Adds what was written into the reserved room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Commit(int length)
    {
        scratchUsed += length;
        TotalBytes += length;
    }

    /// <summary>Adds data where it lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty)
            return;
        EndRun();
        segments[count++] = data;
        TotalBytes += data.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndRun()
    {
        if (scratchUsed > runStart)
            segments[count++] = new ReadOnlyMemory<byte>(scratch, runStart, scratchUsed - runStart);
        runStart = scratchUsed;
    }

    private void DropSkipped()
    {
        while (skipped > 0 && first < count)
        {
            int dropped = Math.Min(skipped, segments[first].Length);
            skipped -= dropped;
            segments[first] = segments[first][dropped..];
            if (segments[first].IsEmpty)
                first++;
        }
    }
}
