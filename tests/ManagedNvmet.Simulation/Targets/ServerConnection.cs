using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Simulation.Network;

namespace ManagedNvmet.Simulation.Targets;

/// <summary>The target's end of a link.</summary>
internal sealed record ServerConnection(Link Link, SimulatedTransport Transport, ControllerConnection Connection, ObservedQueue Queue);
