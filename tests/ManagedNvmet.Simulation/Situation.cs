namespace ManagedNvmet.Simulation;

/// <summary>Situations that the simulation must produce. A test checks that each of them occurs.</summary>
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
