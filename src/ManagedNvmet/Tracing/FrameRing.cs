using System.Runtime.InteropServices;

namespace ManagedNvmet.Tracing;

/// <summary>Frames on their way from one shard to the reader of one trace: a ring of bytes that is never waited for.</summary>
/// <remarks>One thread writes and one thread reads, at the same time.</remarks>
internal sealed class FrameRing
{
    private const int Alignment = 8;

    private readonly byte[] bytes;
    private long written;
    private long consumed;
    private long begun;
    private long seen;
    private long kept;
    private long lost;
    private int lostBefore;

    /// <param name="size">Bytes, a power of two.</param>
    public FrameRing(int size) => bytes = GC.AllocateUninitializedArray<byte>(size);

    /// <summary>Packets that there could have been: PDUs that were looked at, and what was made up beside them. From any thread.</summary>
    public long Seen => Volatile.Read(ref seen);

    /// <summary>Frames that were put in. From any thread.</summary>
    public long Kept => Volatile.Read(ref kept);

    /// <summary>Frames for which there was no room. From any thread.</summary>
    public long Lost => Volatile.Read(ref lost);

    /// <summary>Counts a PDU that is looked at, or a packet beside them. The writer.</summary>
    public void CountSeen() => Volatile.Write(ref seen, seen + 1);

    /// <summary>Takes room for a frame; the reader sees it with <see cref="Commit"/>. False, and counted, when there is none. The writer.</summary>
    public bool TryBegin(int frameBytes, out Span<byte> frame)
    {
        int needed = RecordBytesOf(frameBytes);
        int position = (int)(written & (bytes.Length - 1));
        int untilEnd = bytes.Length - position;
        int skipped = needed <= untilEnd ? 0 : untilEnd;
        if (skipped + needed > bytes.Length - (written - Volatile.Read(ref consumed)))
        {
            Volatile.Write(ref lost, lost + 1);
            lostBefore++;
            frame = default;
            return false;
        }
        if (skipped > 0)
            MemoryMarshal.Write(bytes.AsSpan(position), -skipped);
        begun = written + skipped;
        frame = bytes.AsSpan((int)(begun & (bytes.Length - 1)) + FrameHeader.Size, frameBytes);
        return true;
    }

    /// <summary>Shows the reader what <see cref="TryBegin"/> took room for. The writer.</summary>
    public void Commit(FrameHeader header)
    {
        header.RecordBytes = RecordBytesOf(header.CapturedBytes);
        header.LostBefore = lostBefore;
        lostBefore = 0;
        MemoryMarshal.Write(bytes.AsSpan((int)(begun & (bytes.Length - 1))), in header);
        Volatile.Write(ref kept, kept + 1);
        Volatile.Write(ref written, begun + header.RecordBytes);
    }

    /// <summary>The oldest frame. False when there is none. The reader.</summary>
    public bool TryPeek(out FrameHeader header, out ReadOnlySpan<byte> frame)
    {
        header = default;
        frame = default;
        if (consumed == Volatile.Read(ref written))
            return false;
        int position = (int)(consumed & (bytes.Length - 1));
        int first = MemoryMarshal.Read<int>(bytes.AsSpan(position));
        if (first < 0)
        {
            // A record always follows: both were shown at once.
            Volatile.Write(ref consumed, consumed - first);
            position = 0;
        }
        header = MemoryMarshal.Read<FrameHeader>(bytes.AsSpan(position));
        frame = bytes.AsSpan(position + FrameHeader.Size, header.CapturedBytes);
        return true;
    }

    /// <summary>Gives back the room of the frame that <see cref="TryPeek"/> showed. The reader.</summary>
    public void Release(in FrameHeader header) => Volatile.Write(ref consumed, consumed + header.RecordBytes);

    private static int RecordBytesOf(int frameBytes) => (FrameHeader.Size + frameBytes + Alignment - 1) & -Alignment;
}
