namespace ManagedNvmet.Configuration;

/// <summary>How an attempt to change the running configuration ended.</summary>
public enum ApplyOutcome
{
    /// <summary>The wanted configuration is applied.</summary>
    Applied,

    /// <summary>The wanted configuration was already in force.</summary>
    Unchanged,

    /// <summary>The wanted configuration has errors; nothing was done.</summary>
    Invalid,

    /// <summary>The running configuration is not the one that the caller had seen: somebody else changed it. Nothing was done.</summary>
    Conflict,

    /// <summary>Something could not be prepared, such as a device that is in use; the old configuration runs on.</summary>
    Failed,
}
