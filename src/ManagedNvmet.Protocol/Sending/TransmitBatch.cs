using System.Runtime.CompilerServices;

namespace ManagedNvmet.Protocol.Sending;

/// <summary>The segments of one gather send: headers in a scratch area, data in its own memory. The connections of a shard share one
/// batch.</summary>
public sealed class TransmitBatch
{
    /// <summary>Most pieces of a PDU: its header, its data and its digest.</summary>
    internal const int PiecesOfPdu = 3;

    // Longest header with padding and digest.
    private const int ScratchOfPiece = 160;

    private readonly byte[] _scratch;
    private readonly ReadOnlyMemory<byte>[] _segments;
    private readonly long _maxBytes;
    private int _scratchUsed;
    private int _first;
    private int _count;

    // Start of the scratch bytes that are not in a segment yet: consecutive headers and responses are one segment.
    private int _runStart;

    // Bytes at the front that were sent before and must be left out.
    private int _skipped;

    /// <param name="maxSegments">Most pieces of memory in a batch: IOV_MAX is 1024.</param>
    /// <param name="maxBytes">The batch takes no further PDU when it holds this many bytes.</param>
    public TransmitBatch(int maxSegments = 1024, long maxBytes = 1024 * 1024)
    {
        _maxBytes = maxBytes;
        _segments = new ReadOnlyMemory<byte>[maxSegments];

        // Pinned, since the kernel reads it by address.
        _scratch = GC.AllocateUninitializedArray<byte>(Math.Min(maxSegments, 1024) * ScratchOfPiece, pinned: true);
    }

    /// <summary>The pieces in the order in which they are sent.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Segments
    {
        get
        {
            EndRun();
            DropSkipped();
            return _segments.AsSpan(_first, _count - _first);
        }
    }

    /// <summary>Bytes in the batch.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        _segments.AsSpan(0, _count).Clear();
        _first = 0;
        _count = 0;
        _scratchUsed = 0;
        _runStart = 0;
        _skipped = 0;
        TotalBytes = 0;
    }

    /// <summary>True while another PDU fits.</summary>
    internal bool HasRoom
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _count + PiecesOfPdu <= _segments.Length && TotalBytes < _maxBytes
            && _scratchUsed + (PiecesOfPdu * ScratchOfPiece) <= _scratch.Length;
    }

    /// <summary>Returns scratch memory for a header; <see cref="Commit"/> adds it to the batch.</summary>
    internal Span<byte> Reserve(int length) => _scratch.AsSpan(_scratchUsed, length);

    /// <summary>Leaves out the first bytes of an empty batch, because they were sent before.</summary>
    internal void Skip(int bytes)
    {
        _skipped = bytes;
        TotalBytes = -bytes;
    }

    /// <summary>Adds the bytes that were written into the reserved memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Commit(int length)
    {
        _scratchUsed += length;
        TotalBytes += length;
    }

    /// <summary>Adds data without copying it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty)
            return;
        EndRun();
        _segments[_count++] = data;
        TotalBytes += data.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndRun()
    {
        if (_scratchUsed > _runStart)
            _segments[_count++] = new ReadOnlyMemory<byte>(_scratch, _runStart, _scratchUsed - _runStart);
        _runStart = _scratchUsed;
    }

    private void DropSkipped()
    {
        while (_skipped > 0 && _first < _count)
        {
            int dropped = Math.Min(_skipped, _segments[_first].Length);
            _skipped -= dropped;
            _segments[_first] = _segments[_first][dropped..];
            if (_segments[_first].IsEmpty)
                _first++;
        }
    }
}
