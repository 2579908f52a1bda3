namespace ManagedNvmet.Reports;

/// <summary>The states of a namespace.</summary>
public enum NamespaceState
{
    /// <summary>Hosts can use the namespace.</summary>
    Ready,

    /// <summary>The device of the namespace is missing or cannot be opened. The namespace becomes ready when the device does.</summary>
    NotReady,

    /// <summary>The configuration disables the namespace.</summary>
    Disabled,
}
