namespace ManagedNvmet.Target.Refusals;

/// <summary>The reason of a refusal. Metrics use it as a label.</summary>
public enum RefusalReason
{
    /// <summary>Not refused.</summary>
    None,

    /// <summary>The target has its largest number of connections.</summary>
    TooManyConnections,

    /// <summary>The remote address has its largest number of connections.</summary>
    TooManyConnectionsOfAddress,

    /// <summary>The port has its largest number of connections.</summary>
    TooManyConnectionsOfPort,

    /// <summary>The peer violated NVMe/TCP.</summary>
    ProtocolError,

    /// <summary>The peer ended the connection with a Terminate Connection Request.</summary>
    PeerTerminated,

    /// <summary>No ICReq or no successful Connect arrived in time.</summary>
    HandshakeTimeout,

    /// <summary>A field of the Connect command or of its data is wrong.</summary>
    InvalidParameter,

    /// <summary>There is no subsystem with this NQN.</summary>
    UnknownSubsystem,

    /// <summary>The port does not export the subsystem.</summary>
    SubsystemNotOnPort,

    /// <summary>The subsystem does not allow the host.</summary>
    HostNotAllowed,

    /// <summary>The host identifier is not the configured one.</summary>
    HostIdNotAllowed,

    /// <summary>The host has an authentication key, and this version cannot authenticate hosts.</summary>
    AuthenticationUnsupported,

    /// <summary>The host is not in a network that its rule allows.</summary>
    SourceNotAllowed,

    /// <summary>Another machine with the same host NQN is connected.</summary>
    DuplicateHost,

    /// <summary>The requested queue is larger than allowed.</summary>
    QueueTooLarge,

    /// <summary>The controller of the I/O queue does not exist.</summary>
    UnknownController,

    /// <summary>The controller of the I/O queue belongs to another host.</summary>
    ForeignController,

    /// <summary>The controller of the I/O queue is not enabled.</summary>
    ControllerNotReady,

    /// <summary>The queue identifier is in use.</summary>
    QueueInUse,

    /// <summary>The controller, the subsystem or the host has its largest number of I/O queues.</summary>
    TooManyQueues,

    /// <summary>The subsystem has its largest number of controllers.</summary>
    TooManyControllers,

    /// <summary>The port has its largest number of controllers.</summary>
    TooManyControllersOfPort,

    /// <summary>The host has its largest number of controllers.</summary>
    TooManyControllersOfHost,

    /// <summary>The queues of the host would have more entries than the limit.</summary>
    TooManyEntriesOfHost,

    /// <summary>A command of the host's earlier association still runs on a disk.</summary>
    EarlierCommands,

    /// <summary>The target is stopping, or the subsystem is being removed.</summary>
    Stopping,
}
