namespace ManagedNvmet.Reports;

/// <summary>The process as a whole.</summary>
public sealed record ServerReport
{
    /// <summary>Version of the software.</summary>
    public required string Version { get; init; }

    /// <summary>When the server began to start.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Seconds since then.</summary>
    public double UptimeSeconds { get; init; }

    /// <summary>Where it is in its life.</summary>
    public ServerState State { get; init; }

    /// <summary>Process id.</summary>
    public int ProcessId { get; init; }

    /// <summary>Where identities are kept.</summary>
    public required string StateFolder { get; init; }

    /// <summary>What carries the disk operations: <c>io_uring</c>, or <c>worker threads</c>.</summary>
    public required string DiskEngine { get; init; }

    /// <summary>Open TCP connections.</summary>
    public int Connections { get; init; }

    /// <summary>Times since the start that two hosts of one name were connected at once.</summary>
    public long DuplicateHosts { get; init; }

    /// <summary>Why the configuration file is not in force; null while it is, or when the server runs without one.</summary>
    public string? ConfigurationFault { get; init; }

    /// <summary>The shards, in the order of their index.</summary>
    public IReadOnlyList<ShardReport> Shards { get; init; } = [];
}
