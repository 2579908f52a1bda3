namespace ManagedNvmet.Configuration;

/// <summary>Effect of a change on its subject.</summary>
public enum ChangeKind
{
    /// <summary>The subject is added.</summary>
    Add,

    /// <summary>The subject changes.</summary>
    Change,

    /// <summary>The subject is removed.</summary>
    Remove,
}
