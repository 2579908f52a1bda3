namespace ManagedNvmet.Simulation.Disks;

/// <summary>Faults that violate the disk contract. Tests check that the simulation detects them.</summary>
public enum Sabotage
{
    None,

    /// <summary>The disk loses acknowledged writes.</summary>
    SomeWritesAreLost,

    /// <summary>Flush succeeds but leaves the data in the cache.</summary>
    FlushDoesNothing,

    /// <summary>Writes with Force Unit Access stay in the cache.</summary>
    ForceUnitAccessDoesNothing,
}
