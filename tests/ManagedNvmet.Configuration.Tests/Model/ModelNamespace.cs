namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>A namespace as the model has it. Sets of hosts are bits.</summary>
/// <param name="Mebibytes">Size of its memory.</param>
/// <param name="IsEnabled">It is served.</param>
/// <param name="IsReadOnly">No host may write.</param>
/// <param name="AnaGroup">1 or 2.</param>
/// <param name="VisibleTo">The hosts that see it; null for all.</param>
/// <param name="ReadOnlyFor">The hosts that may not write.</param>
internal sealed record ModelNamespace(int Mebibytes, bool IsEnabled, bool IsReadOnly, uint AnaGroup, int? VisibleTo, int ReadOnlyFor)
{
    public bool IsSeenBy(int host) => IsEnabled && ((VisibleTo ?? -1) >> host & 1) != 0;

    public bool IsWrittenBy(int host) => !IsReadOnly && (ReadOnlyFor >> host & 1) == 0;

    /// <summary>True when the memory of one is not that of the other any more.</summary>
    public bool HasAnotherDevice(ModelNamespace other) =>
        Mebibytes != other.Mebibytes || IsEnabled != other.IsEnabled || IsReadOnly != other.IsReadOnly;
}
