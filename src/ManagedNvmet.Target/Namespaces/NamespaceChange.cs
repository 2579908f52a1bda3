namespace ManagedNvmet.Target.Namespaces;

/// <summary>How a namespace changed in the view of one controller.</summary>
internal enum NamespaceChange
{
    /// <summary>The same namespace has another size, access or other attribute.</summary>
    Changed,

    /// <summary>It is new in the view.</summary>
    Added,

    /// <summary>It is no longer in the view.</summary>
    Removed,

    /// <summary>Another device, or other identifiers, stand under the same NSID.</summary>
    Replaced,
}
