namespace ManagedNvmet.Comparison.Bars;

/// <summary>Workload of one start of the server, up to the first accepted Connect command.</summary>
public sealed record StartWork : Work
{
    /// <inheritdoc/>
    public override string Text => "process start to first accepted Connect";
}
