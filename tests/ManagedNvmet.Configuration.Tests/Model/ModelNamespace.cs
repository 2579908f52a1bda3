namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>A namespace in the model. Sets of hosts are bit masks.</summary>
/// <param name="Mebibytes">Size of its memory in MiB.</param>
/// <param name="IsEnabled">True when it is served.</param>
/// <param name="IsReadOnly">True when no host may write.</param>
/// <param name="AnaGroup">ANA group, 1 or 2.</param>
/// <param name="VisibleTo">Hosts that see it; null for all.</param>
/// <param name="ReadOnlyFor">Hosts that may not write.</param>
internal sealed record ModelNamespace(int Mebibytes, bool IsEnabled, bool IsReadOnly, uint AnaGroup, int? VisibleTo, int ReadOnlyFor)
{
    public bool IsSeenBy(int host) => IsEnabled && ((VisibleTo ?? -1) >> host & 1) != 0;

    public bool IsWrittenBy(int host) => !IsReadOnly && (ReadOnlyFor >> host & 1) == 0;

    /// <summary>Returns true when a change from one to the other opens a new device, so that the contents are lost.</summary>
    public bool HasAnotherDevice(ModelNamespace other) =>
        Mebibytes != other.Mebibytes || IsEnabled != other.IsEnabled || IsReadOnly != other.IsReadOnly;
}
