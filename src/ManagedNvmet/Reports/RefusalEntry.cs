namespace ManagedNvmet.Reports;

/// <summary>One refusal of the target: host, reason and remedy.</summary>
public sealed record RefusalEntry
{
    /// <summary>Sequence number: 1 for the first refusal since the start.</summary>
    public long Number { get; init; }

    /// <summary>Time of the refusal (UTC).</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What was refused: <c>Connection</c>, <c>Pdu</c>, <c>Connect</c> or <c>Authentication</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Reason, from a closed list of names. It is also the tag of the metric.</summary>
    public required string Reason { get; init; }

    /// <summary>Address of the host.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>Address of this server to which the host connected.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>NQN of the host, if it sent one.</summary>
    public string? HostNqn { get; init; }

    /// <summary>NQN of the subsystem, if the host sent one.</summary>
    public string? SubsystemNqn { get; init; }

    /// <summary>Reason as a sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>Change after which the target would not refuse it, as a sentence.</summary>
    public required string Remedy { get; init; }
}
