namespace ManagedNvmet.Protocol.Controller;

/// <summary>Where the controller's end of a connection is in its life.</summary>
internal enum ConnectionState : byte
{
    /// <summary>Accepted; nothing has come.</summary>
    AwaitICReq,

    /// <summary>ICResp is on its way; no queue yet.</summary>
    AwaitConnect,

    /// <summary>A queue of a controller.</summary>
    Live,

    // From here on nothing of the peer's is acted on.

    /// <summary>A Terminate Connection Request is on its way; the peer has its time to close.</summary>
    Terminating,

    /// <summary>What is queued is still sent.</summary>
    Draining,

    /// <summary>Over.</summary>
    Closed,
}
