namespace ManagedNvmet.Reports;

/// <summary>Whether hosts can use a namespace.</summary>
public enum NamespaceState
{
    /// <summary>They can.</summary>
    Ready,

    /// <summary>Its device is not there yet; it appears when the device does.</summary>
    NotReady,

    /// <summary>The configuration keeps it back.</summary>
    Disabled,
}
