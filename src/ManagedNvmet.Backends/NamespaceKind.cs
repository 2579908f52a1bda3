namespace ManagedNvmet.Backends;

/// <summary>What carries a namespace.</summary>
public enum NamespaceKind
{
    /// <summary>A regular file or a block device.</summary>
    File,

    /// <summary>Memory of the process.</summary>
    Memory,

    /// <summary>Nothing: writes are dropped, reads give zeros.</summary>
    Null,
}
