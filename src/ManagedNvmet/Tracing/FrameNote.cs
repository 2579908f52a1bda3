namespace ManagedNvmet.Tracing;

/// <summary>What is said about a frame beside its bytes.</summary>
internal enum FrameNote : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The connection began before the trace: what a dissector has to know of it was made up.</summary>
    MadeUp,

    /// <summary>The connection is over; <see cref="FrameHeader.Reason"/> says why.</summary>
    Closed,

    /// <summary>The peer broke the protocol with this PDU.</summary>
    Broken,
}
