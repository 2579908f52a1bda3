namespace ManagedNvmet.Configuration;

/// <summary>What came of an attempt to change the running configuration.</summary>
public sealed record ApplyResult
{
    /// <summary>How it ended.</summary>
    public required ApplyOutcome Outcome { get; init; }

    /// <summary>ETag of the configuration that runs now.</summary>
    public required string ETag { get; init; }

    /// <summary>What was done, or would have been.</summary>
    public required ConfigurationPlan Plan { get; init; }

    /// <summary>Why it was not done, in a sentence; null when it was.</summary>
    public string? Reason { get; init; }

    /// <summary>True when the wanted configuration runs.</summary>
    public bool IsSuccess => Outcome is ApplyOutcome.Applied or ApplyOutcome.Unchanged;
}
