namespace ManagedNvmet.Target.Controllers;

/// <summary>Where a controller is between its Connect and the end of its association.</summary>
public enum ControllerState
{
    /// <summary>CC.EN is 0: Fabrics commands only.</summary>
    Disabled,

    /// <summary>CSTS.RDY is 1: all commands.</summary>
    Ready,

    /// <summary>CC.EN went to 0; I/O queues are being closed, their commands come to an end. CSTS.RDY is still 1.</summary>
    Resetting,

    /// <summary>CSTS.SHST is 01b: caches are being flushed.</summary>
    ShuttingDown,

    /// <summary>CSTS.SHST is 10b: what was completed is durable.</summary>
    ShutDown,

    /// <summary>CSTS.CFS is 1; its connections are being closed.</summary>
    Failed,

    /// <summary>The admin queue is gone.</summary>
    Closed,
}
