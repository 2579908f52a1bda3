namespace ManagedNvmet;

/// <summary>The state of a namespace of the configuration.</summary>
/// <param name="Subsystem">The subsystem it belongs to.</param>
/// <param name="Id">NSID.</param>
/// <param name="Device">The configured disk: a path, mem:SIZE, null:SIZE or device:NAME.</param>
/// <param name="IsEnabled">True when it should be served.</param>
/// <param name="Served">The served namespace; null while it is not served.</param>
/// <param name="Reason">The reason, as a sentence, why an enabled namespace is not served; null otherwise.</param>
public sealed record NamespaceStatus(Nqn Subsystem, uint Id, string Device, bool IsEnabled, ServedNamespace? Served, string? Reason)
{
    /// <summary>True when it should be served and is not yet.</summary>
    public bool IsWaiting => IsEnabled && Served is null;
}
