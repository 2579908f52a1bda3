namespace ManagedNvmet.Io.Loop;

/// <summary>Readiness of a file descriptor, with the values of the kernel's EPOLL constants.</summary>
[Flags]
public enum PollEvents : uint
{
    /// <summary>Only the events that are always reported: <see cref="Error"/> and <see cref="HangUp"/>.</summary>
    None = 0,

    /// <summary>There is data to receive, a connection to accept, or the end of the stream.</summary>
    In = 0x001,

    /// <summary>There is room to send.</summary>
    Out = 0x004,

    /// <summary>The descriptor has failed. Always reported.</summary>
    Error = 0x008,

    /// <summary>Both directions are closed. Always reported.</summary>
    HangUp = 0x010,

    /// <summary>The peer will send no more.</summary>
    ReadHangUp = 0x2000,

    /// <summary>Report changes only, not states. The shard's own descriptors use it.</summary>
    EdgeTriggered = 0x8000_0000,
}
