namespace ManagedNvmet.Target.Ana;

/// <summary>Asymmetric Namespace Access state of a group of namespaces, as controllers of one port see it (Base Specification,
/// "ANA Group Descriptor").</summary>
public enum AnaState : byte
{
    /// <summary>The best path.</summary>
    Optimized = 1,

    /// <summary>A path that works, and that hosts use when there is no better one.</summary>
    NonOptimized = 2,

    /// <summary>Commands fail; hosts use another path, or wait.</summary>
    Inaccessible = 3,

    /// <summary>Commands fail, for good as far as this path goes.</summary>
    PersistentLoss = 4,

    /// <summary>Commands fail while the state is being changed; not longer than ANATT.</summary>
    Change = 15,
}
