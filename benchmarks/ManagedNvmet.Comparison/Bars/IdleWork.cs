namespace ManagedNvmet.Comparison.Bars;

/// <summary>Connections without a command, on a server with default settings.</summary>
public sealed record IdleWork : Work
{
    /// <summary>I/O queues of the first host.</summary>
    public const int Queues = 64;

    /// <summary>Connections that come to those.</summary>
    public const int MoreConnections = 1000;

    /// <inheritdoc/>
    public override string Text => $"idle with {Queues} connected queues, then {MoreConnections} more connections";
}
