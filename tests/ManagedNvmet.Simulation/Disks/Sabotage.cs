namespace ManagedNvmet.Simulation.Disks;

/// <summary>Faults that no disk may have, to see that they are found.</summary>
public enum Sabotage
{
    None,

    /// <summary>Acknowledged writes are not there.</summary>
    SomeWritesAreLost,

    /// <summary>Flush succeeds and leaves everything in the cache.</summary>
    FlushDoesNothing,

    /// <summary>Forced writes stay in the cache.</summary>
    ForceUnitAccessDoesNothing,
}
