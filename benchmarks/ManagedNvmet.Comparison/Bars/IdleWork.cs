namespace ManagedNvmet.Comparison.Bars;

/// <summary>Workload of idle connections, on a server with default settings.</summary>
public sealed record IdleWork : Work
{
    /// <summary>Number of I/O queues of the first host.</summary>
    public const int Queues = 64;

    /// <summary>Number of connections that are added later.</summary>
    public const int MoreConnections = 1000;

    /// <inheritdoc/>
    public override string Text => $"idle with {Queues} connected queues, then {MoreConnections} more connections";
}
