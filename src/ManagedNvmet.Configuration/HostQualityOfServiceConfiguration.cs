namespace ManagedNvmet.Configuration;

/// <summary>Limits of one host on one namespace.</summary>
public sealed record HostQualityOfServiceConfiguration
{
    /// <summary>Name of the host (HOSTNQN).</summary>
    public required Nqn Nqn { get; init; }

    /// <summary>The limits.</summary>
    public QualityOfServiceConfiguration Limits { get; init; } = new();
}
