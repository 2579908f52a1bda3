namespace ManagedNvmet.Simulation.Model;

/// <summary>What a host asks of a disk.</summary>
internal enum OperationKind
{
    Read,
    Write,
    WriteZeroes,
    Deallocate,
    Flush,
}
