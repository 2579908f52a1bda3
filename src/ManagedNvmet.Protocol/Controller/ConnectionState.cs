namespace ManagedNvmet.Protocol.Controller;

/// <summary>State of the controller's end of a connection.</summary>
internal enum ConnectionState : byte
{
    /// <summary>Accepted; nothing was received.</summary>
    AwaitICReq,

    /// <summary>ICResp is on its way; no queue yet.</summary>
    AwaitConnect,

    /// <summary>A queue of a controller.</summary>
    Live,

    // From here on received bytes are ignored.

    /// <summary>A Terminate Connection Request is being sent; the peer has a limited time to close.</summary>
    Terminating,

    /// <summary>The queued output is still sent.</summary>
    Draining,

    /// <summary>The connection has ended.</summary>
    Closed,
}
