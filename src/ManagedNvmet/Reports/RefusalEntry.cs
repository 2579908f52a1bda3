namespace ManagedNvmet.Reports;

/// <summary>One thing that the target refused: who, what, why, and what would change it.</summary>
public sealed record RefusalEntry
{
    /// <summary>Counts up from 1.</summary>
    public long Number { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Connection, Pdu, Connect or Authentication.</summary>
    public required string Kind { get; init; }

    /// <summary>Why, as one of a closed list of names: the tag of the metric.</summary>
    public required string Reason { get; init; }

    /// <summary>Where the host is.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>The address of ours that it reached.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>HOSTNQN, when it said one.</summary>
    public string? HostNqn { get; init; }

    /// <summary>SUBNQN, when it said one.</summary>
    public string? SubsystemNqn { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>What would change it.</summary>
    public required string Remedy { get; init; }
}
