namespace ManagedNvmet.Configuration;

/// <summary>Result of reading a configuration file.</summary>
public sealed record ConfigurationReading
{
    /// <summary>The configuration in its normal order; null when the file could not be understood at all. With an error among the
    /// problems it lacks what is wrong, and is not to be served.</summary>
    public TargetConfiguration? Configuration { get; init; }

    /// <summary>All errors and warnings, in the order of the file.</summary>
    public ConfigurationList<ConfigurationProblem> Problems { get; init; } = [];

    /// <summary>Keys that stood in the file, by the name under which the configuration refers to them.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>The version of the document that was read; empty when it did not come from a store.</summary>
    public string Version { get; init; } = "";

    /// <summary>True when the configuration can be served: it was read, and no problem is an error.</summary>
    public bool IsSound => Configuration is not null && !Problems.Any(problem => problem.Severity == ProblemSeverity.Error);
}
