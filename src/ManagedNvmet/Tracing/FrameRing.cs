using System.Runtime.InteropServices;

namespace ManagedNvmet.Tracing;

/// <summary>Ring of bytes that carries the frames of one trace from a shard to the trace's reader. Neither side waits for the
/// other.</summary>
/// <remarks>One thread writes and one thread reads, at the same time.</remarks>
internal sealed class FrameRing
{
    private const int Alignment = 8;

    private readonly byte[] _bytes;
    private long _written;
    private long _consumed;
    private long _begun;
    private long _seen;
    private long _kept;
    private long _lost;
    private int _lostBefore;

    /// <param name="size">Bytes, a power of two.</param>
    public FrameRing(int size) => _bytes = GC.AllocateUninitializedArray<byte>(size);

    /// <summary>Number of packets that the trace would have without loss: PDUs that were examined, and packets that were generated. May be
    /// read from any thread.</summary>
    public long Seen => Volatile.Read(ref _seen);

    /// <summary>Number of frames written. May be read from any thread.</summary>
    public long Kept => Volatile.Read(ref _kept);

    /// <summary>Number of frames lost because the ring was full. May be read from any thread.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Counts an examined PDU or a generated packet. Called by the writer.</summary>
    public void CountSeen() => Volatile.Write(ref _seen, _seen + 1);

    /// <summary>Reserves space for a frame; the reader sees the frame after <see cref="Commit"/>. Returns false and counts a loss when the
    /// ring is full. Called by the writer.</summary>
    public bool TryBegin(int frameBytes, out Span<byte> frame)
    {
        int needed = RecordBytesOf(frameBytes);
        int position = (int)(_written & (_bytes.Length - 1));
        int untilEnd = _bytes.Length - position;
        int skipped = needed <= untilEnd ? 0 : untilEnd;
        if (skipped + needed > _bytes.Length - (_written - Volatile.Read(ref _consumed)))
        {
            Volatile.Write(ref _lost, _lost + 1);
            _lostBefore++;
            frame = default;
            return false;
        }
        if (skipped > 0)
            MemoryMarshal.Write(_bytes.AsSpan(position), -skipped);
        _begun = _written + skipped;
        frame = _bytes.AsSpan((int)(_begun & (_bytes.Length - 1)) + FrameHeader.Size, frameBytes);
        return true;
    }

    /// <summary>Publishes the frame that <see cref="TryBegin"/> reserved. Called by the writer.</summary>
    public void Commit(FrameHeader header)
    {
        header.RecordBytes = RecordBytesOf(header.CapturedBytes);
        header.LostBefore = _lostBefore;
        _lostBefore = 0;
        MemoryMarshal.Write(_bytes.AsSpan((int)(_begun & (_bytes.Length - 1))), in header);
        Volatile.Write(ref _kept, _kept + 1);
        Volatile.Write(ref _written, _begun + header.RecordBytes);
    }

    /// <summary>Returns the oldest frame, or false when the ring is empty. Called by the reader.</summary>
    public bool TryPeek(out FrameHeader header, out ReadOnlySpan<byte> frame)
    {
        header = default;
        frame = default;
        if (_consumed == Volatile.Read(ref _written))
            return false;
        int position = (int)(_consumed & (_bytes.Length - 1));
        int first = MemoryMarshal.Read<int>(_bytes.AsSpan(position));
        if (first < 0)
        {
            // A record always follows the padding: the writer published both together.
            Volatile.Write(ref _consumed, _consumed - first);
            position = 0;
        }
        header = MemoryMarshal.Read<FrameHeader>(_bytes.AsSpan(position));
        frame = _bytes.AsSpan(position + FrameHeader.Size, header.CapturedBytes);
        return true;
    }

    /// <summary>Frees the space of the frame that <see cref="TryPeek"/> returned. Called by the reader.</summary>
    public void Release(in FrameHeader header) => Volatile.Write(ref _consumed, _consumed + header.RecordBytes);

    private static int RecordBytesOf(int frameBytes) => (FrameHeader.Size + frameBytes + Alignment - 1) & -Alignment;
}
