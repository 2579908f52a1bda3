using System.Runtime.InteropServices;

namespace ManagedNvmet.Tracing;

/// <summary>What stands before the bytes of a frame in a <see cref="FrameRing"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FrameHeader
{
    /// <summary>Bytes of this structure.</summary>
    public const int Size = 32;

    /// <summary>Bytes of this record with this header, a multiple of 8. Less than 0: so many bytes are to be skipped.</summary>
    public int RecordBytes;

    /// <summary>Bytes of the frame that are here.</summary>
    public int CapturedBytes;

    /// <summary>Bytes that the frame would have if its payload were whole.</summary>
    public int OriginalBytes;

    /// <summary>Frames that were lost since the one before, for want of room.</summary>
    public int LostBefore;

    /// <summary>Of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Timestamp;

    /// <summary>From the controller to the host.</summary>
    public bool IsToHost;

    /// <summary>What is said about it.</summary>
    public FrameNote Note;

    /// <summary>The reason of the end of a connection.</summary>
    public short Reason;

    /// <summary>Unused.</summary>
    public int Reserved;
}
