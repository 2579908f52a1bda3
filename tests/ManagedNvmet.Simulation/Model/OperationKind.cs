namespace ManagedNvmet.Simulation.Model;

/// <summary>The kinds of operations.</summary>
internal enum OperationKind
{
    Read,
    Write,
    WriteZeroes,
    Deallocate,
    Flush,
}
