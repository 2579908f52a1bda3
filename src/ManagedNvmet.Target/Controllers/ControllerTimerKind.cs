namespace ManagedNvmet.Target.Controllers;

/// <summary>What a <see cref="ControllerTimer"/> waits for.</summary>
internal enum ControllerTimerKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The Keep Alive Timer of an enabled controller.</summary>
    KeepAlive,

    /// <summary>A discovery controller without Keep Alive must be used now and then.</summary>
    Idle,

    /// <summary>A controller that is not enabled waits for its host to enable it. Commands do not prolong this.</summary>
    Association,
}
