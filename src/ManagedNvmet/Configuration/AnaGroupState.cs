namespace ManagedNvmet.Configuration;

/// <summary>How the namespaces of an ANA group are reached through a port.</summary>
public enum AnaGroupState
{
    /// <summary>The best path.</summary>
    Optimized,

    /// <summary>A path that works, more slowly.</summary>
    NonOptimized,

    /// <summary>No path at the moment; hosts queue or use another.</summary>
    Inaccessible,

    /// <summary>No path, and none expected until an administrator acts.</summary>
    PersistentLoss,

    /// <summary>On the way from one state to another.</summary>
    Change,
}
