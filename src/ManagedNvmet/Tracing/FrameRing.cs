using System.Runtime.InteropServices;

namespace ManagedNvmet.Tracing;

/// <summary>Frames on their way from one shard to the reader of one trace: a ring of bytes that is never waited for.</summary>
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

    /// <summary>Packets that there could have been: PDUs that were looked at, and what was made up beside them. From any thread.</summary>
    public long Seen => Volatile.Read(ref _seen);

    /// <summary>Frames that were put in. From any thread.</summary>
    public long Kept => Volatile.Read(ref _kept);

    /// <summary>Frames for which there was no room. From any thread.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Counts a PDU that is looked at, or a packet beside them. The writer.</summary>
    public void CountSeen() => Volatile.Write(ref _seen, _seen + 1);

    /// <summary>Takes room for a frame; the reader sees it with <see cref="Commit"/>. False, and counted, when there is none. The writer.</summary>
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

    /// <summary>Shows the reader what <see cref="TryBegin"/> took room for. The writer.</summary>
    public void Commit(FrameHeader header)
    {
        header.RecordBytes = RecordBytesOf(header.CapturedBytes);
        header.LostBefore = _lostBefore;
        _lostBefore = 0;
        MemoryMarshal.Write(_bytes.AsSpan((int)(_begun & (_bytes.Length - 1))), in header);
        Volatile.Write(ref _kept, _kept + 1);
        Volatile.Write(ref _written, _begun + header.RecordBytes);
    }

    /// <summary>The oldest frame. False when there is none. The reader.</summary>
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
            // A record always follows: both were shown at once.
            Volatile.Write(ref _consumed, _consumed - first);
            position = 0;
        }
        header = MemoryMarshal.Read<FrameHeader>(_bytes.AsSpan(position));
        frame = _bytes.AsSpan(position + FrameHeader.Size, header.CapturedBytes);
        return true;
    }

    /// <summary>Gives back the room of the frame that <see cref="TryPeek"/> showed. The reader.</summary>
    public void Release(in FrameHeader header) => Volatile.Write(ref _consumed, _consumed + header.RecordBytes);

    private static int RecordBytesOf(int frameBytes) => (FrameHeader.Size + frameBytes + Alignment - 1) & -Alignment;
}
