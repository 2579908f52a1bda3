namespace ManagedNvmet.Target.Refusals;

/// <summary>Why a host was refused: a closed set, fit for the label of a metric.</summary>
public enum RefusalReason
{
    /// <summary>Not refused.</summary>
    None,

    /// <summary>The target has as many connections as it may have.</summary>
    TooManyConnections,

    /// <summary>This address has as many connections as one may have.</summary>
    TooManyConnectionsOfAddress,

    /// <summary>The port has as many connections as it may have.</summary>
    TooManyConnectionsOfPort,

    /// <summary>The peer broke the rules of NVMe/TCP.</summary>
    ProtocolError,

    /// <summary>The peer ended the connection with a Terminate Connection Request.</summary>
    PeerTerminated,

    /// <summary>No ICReq, or no Connect that succeeded, came in time.</summary>
    HandshakeTimeout,

    /// <summary>A field of the Connect command or of its data is wrong.</summary>
    InvalidParameter,

    /// <summary>There is no subsystem of this name.</summary>
    UnknownSubsystem,

    /// <summary>The subsystem is not exported on the port that the host reached.</summary>
    SubsystemNotOnPort,

    /// <summary>The host is not on the list of the subsystem.</summary>
    HostNotAllowed,

    /// <summary>The host has another host identifier than it must have.</summary>
    HostIdNotAllowed,

    /// <summary>The host has an authentication key, and this version cannot authenticate hosts.</summary>
    AuthenticationUnsupported,

    /// <summary>The host comes from a network that it may not come from.</summary>
    SourceNotAllowed,

    /// <summary>A host of the same name is connected, and looks like another machine.</summary>
    DuplicateHost,

    /// <summary>The queue that the host asks for is larger than allowed.</summary>
    QueueTooLarge,

    /// <summary>The controller of an I/O queue does not exist, or not any more.</summary>
    UnknownController,

    /// <summary>The controller of an I/O queue belongs to another host.</summary>
    ForeignController,

    /// <summary>The controller of an I/O queue is not enabled.</summary>
    ControllerNotReady,

    /// <summary>The queue identifier is in use.</summary>
    QueueInUse,

    /// <summary>The controller, the subsystem or the host has as many I/O queues as it may have.</summary>
    TooManyQueues,

    /// <summary>The subsystem has as many controllers as it may have.</summary>
    TooManyControllers,

    /// <summary>The port has as many controllers as it may have.</summary>
    TooManyControllersOfPort,

    /// <summary>The host has as many controllers as it may have.</summary>
    TooManyControllersOfHost,

    /// <summary>The queues of the host would hold more entries than one host's may.</summary>
    TooManyEntriesOfHost,

    /// <summary>A command of the host's earlier association still runs on a disk.</summary>
    EarlierCommands,

    /// <summary>The target is stopping, or the subsystem is being removed.</summary>
    Stopping,
}
