namespace ManagedNvmet.Target.Controllers;

/// <summary>The state transitions of a controller.</summary>
internal static class ControllerStateMachine
{
    /// <summary>Returns the state after an event, or null when the state does not allow the event.</summary>
    public static ControllerState? Next(ControllerState state, ControllerEvent happened) => (state, happened) switch
    {
        (ControllerState.Closed, _) => null,
        (_, ControllerEvent.Close) => ControllerState.Closed,
        (ControllerState.Failed, _) => null,
        (_, ControllerEvent.Fail) => ControllerState.Failed,

        // A repeated request for a running or complete shutdown succeeds without a change.
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
