namespace ManagedNvmet.Simulation.Disks;

/// <summary>What one host may not do with a disk, now and until a moment ago, as moments of the model.</summary>
internal sealed class HostMask
{
    private long _hiddenUntil;
    private long _readOnlyUntil;

    public bool IsHidden { get; private set; }

    public bool IsReadOnly { get; private set; }

    /// <summary>The target has said that nothing of this host is under way any more that it may not do.</summary>
    public bool IsInForce { get; set; }

    /// <summary>When what the host sees changed last.</summary>
    public long ChangedAt { get; private set; }

    /// <summary>Sets what holds from now on.</summary>
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

    /// <summary>The disk was hidden from the host at some time since.</summary>
    public bool WasHiddenSince(long begin) => IsHidden || _hiddenUntil >= begin;

    /// <summary>The host may not write, or might not at some time since.</summary>
    public bool WasReadOnlySince(long begin) => IsReadOnly || _readOnlyUntil >= begin;
}
