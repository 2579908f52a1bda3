namespace ManagedNvmet.Target.Features;

/// <summary>The values of the features of one controller, from its creation or reset to the next.</summary>
/// <remarks>Belongs to the thread of the admin queue. <see cref="IsWriteThrough"/>, <see cref="AsyncEventConfiguration"/> and
/// <see cref="IoQueuesGranted"/> may be read from any thread.</remarks>
public sealed class FeatureSet
{
    private readonly uint[] _values = new uint[256];
    private readonly TimeProvider _time;
    private readonly byte[] _hostBehavior = new byte[HostBehaviorSupport.FieldBytes];
    private bool _isCacheLatched;
    private volatile bool _isCachePresent;
    private long _timestampTaken;
    private ulong _timestampBase;

    /// <summary>Begins with the defaults.</summary>
    /// <param name="owner">The controller.</param>
    /// <param name="time">The clock that the Timestamp feature runs on.</param>
    public FeatureSet(IFeatureOwner owner, TimeProvider time)
    {
        Owner = owner;
        _time = time;
        Reset();
    }

    /// <summary>The controller.</summary>
    public IFeatureOwner Owner { get; }

    /// <summary>VWC bit 0: what this controller tells its host about volatile write caches. Decided when it is first asked for, and
    /// then the same until a reset.</summary>
    /// <remarks>A host reads VWC once. A namespace with a cache that is added later to a controller which has said "no cache"
    /// would never be flushed; <see cref="IsWriteThrough"/> sees to it that nothing is left in that cache.</remarks>
    public bool HasVolatileWriteCache
    {
        get
        {
            if (!_isCacheLatched)
            {
                _isCacheLatched = true;
                _isCachePresent = Owner.HasVolatileWriteCache;
            }
            return _isCachePresent;
        }
    }

    /// <summary>True when every write must be durable before it is completed: the host was told of no cache, or has turned it
    /// off.</summary>
    public bool IsWriteThrough => !_isCachePresent || (this[VolatileWriteCache.Id] & VolatileWriteCache.EnableBit) == 0;

    /// <summary>The events that the host wants to hear of: bits of <see cref="AsyncEventNotices"/>.</summary>
    public AsyncEventNotices AsyncEventConfiguration => (AsyncEventNotices)this[Target.Features.AsyncEventConfiguration.Id];

    /// <summary>How many I/O queues the host may connect: what it was granted, or the limit when it has not asked.</summary>
    public int IoQueuesGranted
    {
        get
        {
            uint granted = this[NumberOfQueues.Id];
            return granted == 0 ? Owner.Limits.MaxIoQueues : (int)granted;
        }
    }

    /// <summary>True when the Timestamp was set by the host, false when it counts from the reset.</summary>
    public bool IsTimestampSet { get; private set; }

    /// <summary>The Timestamp: milliseconds since 1970, or since the reset; 48 bits.</summary>
    public ulong TimestampMilliseconds =>
        (_timestampBase + (ulong)_time.GetElapsedTime(_timestampTaken).TotalMilliseconds) & 0xFFFF_FFFF_FFFF;

    internal Span<byte> HostBehavior => _hostBehavior;

    /// <summary>The value of a feature that is one dword.</summary>
    internal uint this[byte featureId]
    {
        get => Volatile.Read(ref _values[featureId]);
        set => Volatile.Write(ref _values[featureId], value);
    }

    /// <summary>Puts every feature back to its default: Controller Level Reset.</summary>
    public void Reset()
    {
        // The write cache goes first: until the host is told of one again, writes are durable.
        _isCachePresent = false;
        _isCacheLatched = false;
        foreach (Feature feature in FeatureTable.All)
            this[feature.FeatureId] = feature.Default;
        _hostBehavior.AsSpan().Clear();
        IsTimestampSet = false;
        _timestampBase = 0;
        _timestampTaken = _time.GetTimestamp();
    }

    internal void SetTimestamp(ulong milliseconds)
    {
        IsTimestampSet = true;
        _timestampBase = milliseconds;
        _timestampTaken = _time.GetTimestamp();
    }
}
