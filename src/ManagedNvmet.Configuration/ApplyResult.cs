namespace ManagedNvmet.Configuration;

/// <summary>Result of an attempt to change the running configuration.</summary>
public sealed record ApplyResult
{
    /// <summary>The outcome.</summary>
    public required ApplyOutcome Outcome { get; init; }

    /// <summary>ETag of the configuration that runs now.</summary>
    public required string ETag { get; init; }

    /// <summary>The plan that was carried out, or would have been.</summary>
    public required ConfigurationPlan Plan { get; init; }

    /// <summary>The reason, as a sentence, when the change was not carried out; otherwise null.</summary>
    public string? Reason { get; init; }

    /// <summary>True when the wanted configuration runs.</summary>
    public bool IsSuccess => Outcome is ApplyOutcome.Applied or ApplyOutcome.Unchanged;
}
