namespace ManagedNvmet;

/// <summary>A namespace of the configuration and how it is doing.</summary>
/// <param name="Subsystem">The subsystem it belongs to.</param>
/// <param name="Id">NSID.</param>
/// <param name="Device">What it was given by: a path, mem:SIZE, null:SIZE or device:NAME.</param>
/// <param name="IsEnabled">It is to be served.</param>
/// <param name="Served">What is served; null while there is nothing.</param>
/// <param name="Reason">Why nothing is served although it should be, in a sentence; null otherwise.</param>
public sealed record NamespaceStatus(Nqn Subsystem, uint Id, string Device, bool IsEnabled, ServedNamespace? Served, string? Reason)
{
    /// <summary>It should be served and is not yet.</summary>
    public bool IsWaiting => IsEnabled && Served is null;
}
