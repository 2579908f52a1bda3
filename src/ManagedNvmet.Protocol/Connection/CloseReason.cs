namespace ManagedNvmet.Protocol.Connection;

/// <summary>Why a connection ended.</summary>
public enum CloseReason
{
    /// <summary>Still open.</summary>
    None,

    /// <summary>The peer closed or reset it, or the network lost it.</summary>
    PeerClosed,

    /// <summary>The peer sent a Terminate Connection Request.</summary>
    PeerTerminated,

    /// <summary>The peer broke the protocol and got a Terminate Connection Request.</summary>
    ProtocolError,

    /// <summary>No ICReq, or no Connect, within the hand-shake time.</summary>
    HandshakeTimeout,

    /// <summary>The Keep Alive Timer of the controller ran out.</summary>
    KeepAliveTimeout,

    /// <summary>The controller was reset, shut down or removed, or lost its admin queue.</summary>
    AssociationEnded,

    /// <summary>The host was refused at Connect and did not close the connection in time.</summary>
    Refused,

    /// <summary>The target is stopping.</summary>
    ServerStopping,

    /// <summary>A defect of the target; only this connection ends.</summary>
    InternalError,
}
