namespace ManagedNvmet.Configuration;

/// <summary>What happens when one host NQN connects from two addresses at once with different host identifiers: usually a cloned machine.</summary>
public enum DuplicateHostPolicy
{
    /// <summary>Both are served.</summary>
    Allow,

    /// <summary>Both are served, and a warning is logged and counted.</summary>
    Warn,

    /// <summary>The second one is refused.</summary>
    Fence,
}
