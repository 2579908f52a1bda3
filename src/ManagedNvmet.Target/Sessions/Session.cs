using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Health;

namespace ManagedNvmet.Target.Sessions;

/// <summary>One association of a host, as it was when it was asked for: a controller and its queues.</summary>
public sealed record Session
{
    /// <summary>The subsystem.</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>CNTLID; with <see cref="SubsystemNqn"/> it names the session.</summary>
    public required ushort ControllerId { get; init; }

    /// <summary>True for a session with the discovery subsystem.</summary>
    public required bool IsDiscovery { get; init; }

    /// <summary>The host's name, just as it gave it: to be escaped before it is shown.</summary>
    public required Nqn HostNqn { get; init; }

    /// <summary>The host identifier, in the byte order of RFC 4122.</summary>
    public required Guid HostId { get; init; }

    /// <summary>PORTID of the port that the admin queue came in by, or null when none is known.</summary>
    public required ushort? PortId { get; init; }

    /// <summary>Where the controller is in its life.</summary>
    public required ControllerState State { get; init; }

    /// <summary>Keep Alive Timeout in milliseconds, 0 for none.</summary>
    public required uint KeepAliveMilliseconds { get; init; }

    /// <summary>Milliseconds until the Keep Alive Timeout ends the session if nothing more comes; null when no timeout runs.</summary>
    public required long? KeepAliveLeftMilliseconds { get; init; }

    /// <summary>When the Connect of the admin queue succeeded.</summary>
    public required DateTimeOffset ConnectedSince { get; init; }

    /// <summary>The queues, the admin queue first.</summary>
    public required IReadOnlyList<SessionQueue> Queues { get; init; }

    /// <summary>What the I/O queues that are connected have done.</summary>
    public required HealthTotals Totals { get; init; }

    /// <summary>Commands of this controller that failed.</summary>
    public required ulong ErrorCount { get; init; }
}
