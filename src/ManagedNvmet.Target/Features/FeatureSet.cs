namespace ManagedNvmet.Target.Features;

/// <summary>The feature values of one controller.</summary>
public sealed class FeatureSet
{
    private readonly uint[] values = new uint[256];

    /// <summary>Begins with the defaults.</summary>
    public FeatureSet(IFeatureOwner owner, TimeProvider time) => Owner = owner;

    /// <summary>The controller.</summary>
    public IFeatureOwner Owner { get; }

    /// <summary>The events that the host wants to hear of.</summary>
    public AsyncEventNotices AsyncEventConfiguration => (AsyncEventNotices)this[0x0B];

    /// <summary>How many I/O queues the host may connect.</summary>
    public int IoQueuesGranted => Owner.Limits.MaxIoQueues;

    internal uint this[byte featureId]
    {
        get => Volatile.Read(ref values[featureId]);
        set => Volatile.Write(ref values[featureId], value);
    }

    /// <summary>Every feature gets its default value again.</summary>
    public void Reset() => values.AsSpan().Clear();
}
