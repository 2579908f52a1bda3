namespace ManagedNvmet.Target.Features;

/// <summary>The values of the features of one controller, from its creation or reset to the next.</summary>
/// <remarks>Only the thread of the admin queue may use it, except for <see cref="IsWriteThrough"/>, <see cref="AsyncEventConfiguration"/>
/// and <see cref="IoQueuesGranted"/>, which any thread may read.</remarks>
public sealed class FeatureSet
{
    private readonly uint[] _values = new uint[256];
    private readonly TimeProvider _time;
    private readonly byte[] _hostBehavior = new byte[HostBehaviorSupport.FieldBytes];
    private bool _isCacheLatched;
    private volatile bool _isCachePresent;
    private long _timestampTaken;
    private ulong _timestampBase;

    /// <summary>Makes a set with the default values.</summary>
    /// <param name="owner">The controller.</param>
    /// <param name="time">The clock of the Timestamp feature.</param>
    public FeatureSet(IFeatureOwner owner, TimeProvider time)
    {
        Owner = owner;
        _time = time;
        Reset();
    }

    /// <summary>The controller.</summary>
    public IFeatureOwner Owner { get; }

    /// <summary>VWC bit 0: true when this controller reports a volatile write cache. The first read decides the value until the next
    /// reset.</summary>
    /// <remarks>A host reads VWC once. If the controller reported no cache, the host would never flush a namespace with a cache that is
    /// added later. For this case <see cref="IsWriteThrough"/> makes every write durable.</remarks>
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

    /// <summary>True when every write must be durable before it completes, because the controller reported no cache or the host disabled
    /// the cache.</summary>
    public bool IsWriteThrough => !_isCachePresent || (this[VolatileWriteCache.Id] & VolatileWriteCache.EnableBit) == 0;

    /// <summary>The events that the host has enabled.</summary>
    public AsyncEventNotices AsyncEventConfiguration => (AsyncEventNotices)this[Target.Features.AsyncEventConfiguration.Id];

    /// <summary>The number of I/O queues that the host may connect: the granted number, or the limit when the host has not requested
    /// any.</summary>
    public int IoQueuesGranted
    {
        get
        {
            uint granted = this[NumberOfQueues.Id];
            return granted == 0 ? Owner.Limits.MaxIoQueues : (int)granted;
        }
    }

    /// <summary>True when the host has set the Timestamp, false when it counts from the reset.</summary>
    public bool IsTimestampSet { get; private set; }

    /// <summary>The Timestamp: milliseconds since 1970, or since the reset; 48 bits.</summary>
    public ulong TimestampMilliseconds =>
        (_timestampBase + (ulong)_time.GetElapsedTime(_timestampTaken).TotalMilliseconds) & 0xFFFF_FFFF_FFFF;

    internal Span<byte> HostBehavior => _hostBehavior;

    /// <summary>The value of a feature of one dword.</summary>
    internal uint this[byte featureId]
    {
        get => Volatile.Read(ref _values[featureId]);
        set => Volatile.Write(ref _values[featureId], value);
    }

    /// <summary>Sets every feature to its default, for a Controller Level Reset.</summary>
    public void Reset()
    {
        // Clears the cache first, so that writes are durable until the controller reports a cache again.
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
