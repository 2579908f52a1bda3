using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Controllers;

/// <summary>The properties that a host reads with Property Get (Base Specification, "Controller Properties").</summary>
public static class ControllerProperties
{
    /// <summary>CAP.TO and CRTO.CRWMT in units of 500 ms: how long a host waits for CSTS.RDY to change.</summary>
    public const int ReadyTimeout = 30;

    private const ulong ContiguousQueuesRequired = 1UL << 16;
    private const ulong NvmCommandSet = 1UL << 37;

    // CRMS.CRWMS: version 2.0 demands it, and CRTO with it.
    private const ulong ReadyWithMedia = 1UL << 59;

    /// <summary>CAP for the limits in force.</summary>
    public static ulong Capabilities(TargetLimits limits) =>
        (ulong)(limits.MaxQueueEntries - 1) | ContiguousQueuesRequired | ((ulong)ReadyTimeout << 24) | NvmCommandSet | ReadyWithMedia;

    /// <summary>CSTS of a controller in this state.</summary>
    internal static uint Status(ControllerState state, ControllerConfiguration configuration)
    {
        uint enabled = configuration.IsEnabled ? 1u : 0u;
        return state switch
        {
            ControllerState.Ready or ControllerState.Resetting => 1,
            ControllerState.ShuttingDown => enabled | (1 << 2),
            ControllerState.ShutDown => enabled | (2 << 2),
            ControllerState.Failed => enabled | (1 << 1),
            _ => 0,
        };
    }

    /// <summary>Reads a property; also either half of CAP on its own, which some hosts do.</summary>
    /// <param name="limits">The limits in force.</param>
    /// <param name="state">The controller's state.</param>
    /// <param name="configuration">CC.</param>
    /// <param name="offset">OFST in bytes.</param>
    /// <param name="size">4 or 8 bytes.</param>
    /// <param name="value">The value, zero extended.</param>
    /// <returns>False when there is no such property of this size.</returns>
    internal static bool TryRead(
        TargetLimits limits, ControllerState state, ControllerConfiguration configuration, uint offset, int size, out ulong value)
    {
        value = 0;
        switch (offset, size)
        {
            case (PropertyOffset.Capabilities, 8):
                value = Capabilities(limits);
                return true;
            case (PropertyOffset.Capabilities, 4):
                value = (uint)Capabilities(limits);
                return true;
            case (PropertyOffset.Capabilities + 4, 4):
                value = Capabilities(limits) >> 32;
                return true;
            case (PropertyOffset.Version, 4):
                value = Controller.SpecificationVersion;
                return true;
            case (PropertyOffset.Configuration, 4):
                value = configuration.Value;
                return true;
            case (PropertyOffset.Status, 4):
                value = Status(state, configuration);
                return true;
            case (PropertyOffset.ReadyTimeouts, 4):
                value = ReadyTimeout;
                return true;
            default:
                return false;
        }
    }
}
