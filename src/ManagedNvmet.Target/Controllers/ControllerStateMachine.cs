namespace ManagedNvmet.Target.Controllers;

/// <summary>The life of a controller as a pure function.</summary>
internal static class ControllerStateMachine
{
    /// <summary>The state after an event, or null when the event is not allowed in this state and changes nothing.</summary>
    public static ControllerState? Next(ControllerState state, ControllerEvent happened) => (state, happened) switch
    {
        (ControllerState.Closed, _) => null,
        (_, ControllerEvent.Close) => ControllerState.Closed,
        (ControllerState.Failed, _) => null,
        (_, ControllerEvent.Fail) => ControllerState.Failed,

        // A host that asks again while a shutdown is on its way, or done, is told what it asked for already.
        (ControllerState.ShuttingDown, ControllerEvent.Shutdown) => ControllerState.ShuttingDown,
        (ControllerState.ShutDown, ControllerEvent.Shutdown) => ControllerState.ShutDown,

        (ControllerState.Disabled, ControllerEvent.Enable) => ControllerState.Ready,
        (ControllerState.ShutDown, ControllerEvent.Enable) => ControllerState.Ready,
        (ControllerState.Ready, ControllerEvent.Disable) => ControllerState.Resetting,
        (ControllerState.ShuttingDown, ControllerEvent.Disable) => ControllerState.Resetting,
        (ControllerState.ShutDown, ControllerEvent.Disable) => ControllerState.Resetting,
        (ControllerState.Disabled, ControllerEvent.Shutdown) => ControllerState.ShuttingDown,
        (ControllerState.Ready, ControllerEvent.Shutdown) => ControllerState.ShuttingDown,
        (ControllerState.Resetting, ControllerEvent.ResetDone) => ControllerState.Disabled,
        (ControllerState.ShuttingDown, ControllerEvent.ShutdownDone) => ControllerState.ShutDown,
        _ => null,
    };
}
