namespace ManagedNvmet.Simulation.Kernel;

/// <summary>Something happened that must not.</summary>
public sealed class SimulationFailure(string message) : Exception(message);
