namespace ManagedNvmet.Comparison.Bars;

/// <summary>4 KiB random reads at depth 32 for long, while the counters of the server's runtime are read.</summary>
public sealed record SteadyWork : Work
{
    /// <inheritdoc/>
    public override string Text => "steady state, memory, 4 KiB random read, QD 32";
}
