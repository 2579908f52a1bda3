namespace ManagedNvmet.Comparison.Bars;

/// <summary>The start of the server, up to the first Connect that it accepts.</summary>
public sealed record StartWork : Work
{
    /// <inheritdoc/>
    public override string Text => "process start to first accepted Connect";
}
