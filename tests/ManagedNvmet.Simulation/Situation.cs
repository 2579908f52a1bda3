namespace ManagedNvmet.Simulation;

/// <summary>What the simulation exists to bring about. A test sees to it that each of them comes about.</summary>
public enum Situation
{
    CommandAbortedBeforeItBegan,
    DamagedDataFound,
    DamagedHeaderFound,
    KeepAliveExpired,
    ControllerReset,
    ControllerShutDown,
    QueueDeletedAndConnectedAgain,
    ConnectionWaitedForBuffer,
    CapsuleTookReserve,
    CrashLostAcknowledgedWrites,
    MediumFailedCommand,
    FlushFailed,
    NamespaceWentWhileInUse,
    CrashWhileNamespaceWent,
    StopEndedByItself,
    StopLostPatience,
    ConnectRefused,
    WriteOutlivedItsConnection,
    EventReported,
    HostGaveUp,
    NamespaceLimited,
    NamespaceMasked,
    CommandMetMask,
    ConnectionMoved,
    ConnectionStayed,
}
