namespace ManagedNvmet.Configuration;

/// <summary>What a change does to its subject.</summary>
public enum ChangeKind
{
    /// <summary>It comes to be.</summary>
    Add,

    /// <summary>It changes.</summary>
    Change,

    /// <summary>It goes.</summary>
    Remove,
}
