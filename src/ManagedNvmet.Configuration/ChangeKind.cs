namespace ManagedNvmet.Configuration;

/// <summary>What a change does to its subject.</summary>
public enum ChangeKind
{
    /// <summary>The subject is added.</summary>
    Add,

    /// <summary>The subject changes.</summary>
    Change,

    /// <summary>The subject is removed.</summary>
    Remove,
}
