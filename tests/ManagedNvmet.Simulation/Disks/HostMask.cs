namespace ManagedNvmet.Simulation.Disks;

/// <summary>Restrictions of one host on a disk, with the model times at which earlier restrictions ended.</summary>
internal sealed class HostMask
{
    private long _hiddenUntil;
    private long _readOnlyUntil;

    public bool IsHidden { get; private set; }

    public bool IsReadOnly { get; private set; }

    /// <summary>True when the target has reported that no command of this host that the restriction forbids is still in
    /// execution.</summary>
    public bool IsInForce { get; set; }

    /// <summary>Model time of the last change that the host sees.</summary>
    public long ChangedAt { get; private set; }

    /// <summary>Sets the restrictions from now on.</summary>
    public void Set(bool isHidden, bool isReadOnly, long now)
    {
        if (isHidden == IsHidden && isReadOnly == IsReadOnly)
            return;
        if (IsHidden)
            _hiddenUntil = now;
        if (IsReadOnly)
            _readOnlyUntil = now;
        IsHidden = isHidden;
        IsReadOnly = isReadOnly;
        IsInForce = false;
        ChangedAt = now;
    }

    /// <summary>Returns true when the disk was hidden from the host at some time after <paramref name="begin"/>. </summary>
    public bool WasHiddenSince(long begin) => IsHidden || _hiddenUntil >= begin;

    /// <summary>Returns true when the disk was read-only for the host at some time after <paramref name="begin"/>. </summary>
    public bool WasReadOnlySince(long begin) => IsReadOnly || _readOnlyUntil >= begin;
}
