namespace ManagedNvmet.Configuration;

/// <summary>How bad a problem of a configuration is.</summary>
public enum ProblemSeverity
{
    /// <summary>It is served all the same; somebody should look.</summary>
    Warning,

    /// <summary>The configuration is refused as a whole.</summary>
    Error,
}
