namespace ManagedNvmet.Target.Controllers;

/// <summary>An event that changes the <see cref="ControllerState"/>.</summary>
internal enum ControllerEvent
{
    /// <summary>CC.EN changes from 0 to 1.</summary>
    Enable,

    /// <summary>CC.EN changes from 1 to 0: a Controller Level Reset.</summary>
    Disable,

    /// <summary>CC.SHN requests a shutdown.</summary>
    Shutdown,

    /// <summary>The last I/O queue of a reset has ended.</summary>
    ResetDone,

    /// <summary>The last flush of a shutdown is complete.</summary>
    ShutdownDone,

    /// <summary>The Keep Alive Timer expired, or an internal error occurred.</summary>
    Fail,

    /// <summary>The admin queue has ended.</summary>
    Close,
}
