namespace ManagedNvmet.Simulation.Kernel;

/// <summary>The simulation has found a violation of an invariant.</summary>
public sealed class SimulationFailure(string message) : Exception(message);
