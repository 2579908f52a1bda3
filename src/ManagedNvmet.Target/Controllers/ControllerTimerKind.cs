namespace ManagedNvmet.Target.Controllers;

/// <summary>The purpose of a <see cref="ControllerTimer"/>.</summary>
internal enum ControllerTimerKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The Keep Alive Timer of an enabled controller.</summary>
    KeepAlive,

    /// <summary>A discovery controller without Keep Alive ends when it is idle.</summary>
    Idle,

    /// <summary>A controller that is not enabled waits for its host to enable it. Commands do not extend this time.</summary>
    Association,
}
