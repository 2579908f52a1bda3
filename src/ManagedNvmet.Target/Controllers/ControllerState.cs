namespace ManagedNvmet.Target.Controllers;

/// <summary>The state of a controller between its Connect and the end of its association.</summary>
public enum ControllerState
{
    /// <summary>CC.EN is 0. Only Fabrics commands are allowed.</summary>
    Disabled,

    /// <summary>CSTS.RDY is 1. All commands are allowed.</summary>
    Ready,

    /// <summary>CC.EN changed to 0. The I/O queues finish their commands and close. CSTS.RDY is still 1.</summary>
    Resetting,

    /// <summary>CSTS.SHST is 01b. Commands end and caches are flushed.</summary>
    ShuttingDown,

    /// <summary>CSTS.SHST is 10b. All completed writes are durable.</summary>
    ShutDown,

    /// <summary>CSTS.CFS is 1. The connections are being closed.</summary>
    Failed,

    /// <summary>The admin queue has ended.</summary>
    Closed,
}
