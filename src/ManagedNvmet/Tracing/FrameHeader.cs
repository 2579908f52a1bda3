using System.Runtime.InteropServices;

namespace ManagedNvmet.Tracing;

/// <summary>Header of a record in a <see cref="FrameRing"/>; the bytes of the frame follow it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FrameHeader
{
    /// <summary>Size of this structure in bytes.</summary>
    public const int Size = 32;

    /// <summary>Size of the record in bytes, including this header: a multiple of 8. A negative number means that the reader skips this
    /// many bytes.</summary>
    public int RecordBytes;

    /// <summary>Number of recorded bytes of the frame.</summary>
    public int CapturedBytes;

    /// <summary>Size of the frame in bytes with its whole payload.</summary>
    public int OriginalBytes;

    /// <summary>Number of frames lost since the previous record, because the ring was full.</summary>
    public int LostBefore;

    /// <summary>Timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Timestamp;

    /// <summary>True for a frame from the controller to the host.</summary>
    public bool IsToHost;

    /// <summary>Kind of comment for the frame.</summary>
    public FrameNote Note;

    /// <summary>Reason for the close, for <see cref="FrameNote.Closed"/>.</summary>
    public short Reason;

    /// <summary>Unused.</summary>
    public int Reserved;
}
