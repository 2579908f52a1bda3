namespace ManagedNvmet.Comparison.Bars;

/// <summary>Workload of 4 KiB random reads at queue depth 32 for a long time, during which the counters of the server's managed runtime
/// are read.</summary>
public sealed record SteadyWork : Work
{
    /// <inheritdoc/>
    public override string Text => "steady state, memory, 4 KiB random read, QD 32";
}
