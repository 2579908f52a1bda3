using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Health;

namespace ManagedNvmet.Target.Sessions;

/// <summary>A snapshot of an association of a host: a controller and its queues.</summary>
public sealed record Session
{
    /// <summary>The subsystem.</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>CNTLID; it identifies the session together with <see cref="SubsystemNqn"/>.</summary>
    public required ushort ControllerId { get; init; }

    /// <summary>True for a session with the discovery subsystem.</summary>
    public required bool IsDiscovery { get; init; }

    /// <summary>The host NQN, not escaped. Escape it before showing it.</summary>
    public required Nqn HostNqn { get; init; }

    /// <summary>The host identifier, in the byte order of RFC 4122.</summary>
    public required Guid HostId { get; init; }

    /// <summary>PORTID of the port of the admin queue, or null when it is unknown.</summary>
    public required ushort? PortId { get; init; }

    /// <summary>The state of the controller.</summary>
    public required ControllerState State { get; init; }

    /// <summary>Keep Alive Timeout in milliseconds, 0 for none.</summary>
    public required uint KeepAliveMilliseconds { get; init; }

    /// <summary>The time until the Keep Alive Timeout ends the session if the host stays silent, in milliseconds; null without a
    /// timeout.</summary>
    public required long? KeepAliveLeftMilliseconds { get; init; }

    /// <summary>The time when the Connect of the admin queue succeeded.</summary>
    public required DateTimeOffset ConnectedSince { get; init; }

    /// <summary>The queues, the admin queue first.</summary>
    public required IReadOnlyList<SessionQueue> Queues { get; init; }

    /// <summary>The counts of the connected I/O queues.</summary>
    public required HealthTotals Totals { get; init; }

    /// <summary>The number of failed commands of this controller.</summary>
    public required ulong ErrorCount { get; init; }
}
