namespace ManagedNvmet.Configuration;

/// <summary>Severity of a problem of a configuration.</summary>
public enum ProblemSeverity
{
    /// <summary>The configuration is served; an operator should look at the problem.</summary>
    Warning,

    /// <summary>The configuration is refused as a whole.</summary>
    Error,
}
