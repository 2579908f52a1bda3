namespace ManagedNvmet.Target.Controllers;

/// <summary>What moves a controller from one <see cref="ControllerState"/> to the next.</summary>
internal enum ControllerEvent
{
    /// <summary>CC.EN goes from 0 to 1.</summary>
    Enable,

    /// <summary>CC.EN goes from 1 to 0: a Controller Level Reset.</summary>
    Disable,

    /// <summary>CC.SHN asks for a shutdown.</summary>
    Shutdown,

    /// <summary>The last I/O queue of a reset is gone.</summary>
    ResetDone,

    /// <summary>The last flush of a shutdown is done.</summary>
    ShutdownDone,

    /// <summary>The Keep Alive Timer ran out, or a defect of ours was met.</summary>
    Fail,

    /// <summary>The admin queue is gone.</summary>
    Close,
}
