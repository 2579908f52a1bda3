namespace ManagedNvmet.Tracing;

/// <summary>The kinds of comments on a frame.</summary>
internal enum FrameNote : byte
{
    /// <summary>No comment.</summary>
    None,

    /// <summary>The connection began before the trace. This frame is synthesized, so that a dissector knows the connection's
    /// parameters.</summary>
    MadeUp,

    /// <summary>The connection has closed, for the reason in <see cref="FrameHeader.Reason"/>.</summary>
    Closed,

    /// <summary>This PDU violates the protocol.</summary>
    Broken,
}
