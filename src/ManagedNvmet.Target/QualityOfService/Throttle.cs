namespace ManagedNvmet.Target.QualityOfService;

/// <summary>The limits of one namespace, host, or both, and what is left of them: six token buckets that the queues of all threads share.
/// Commands that find them empty wait in a line of their queue.</summary>
/// <remarks>Thread-safe. It holds its lock for a few additions. Only commands with a limit use it.</remarks>
internal sealed class Throttle
{
    public const int BucketCount = 6;

    private const int ReadIops = 0;
    private const int WriteIops = 1;
    private const int TotalIops = 2;
    private const int ReadBytes = 3;
    private const int WriteBytes = 4;
    private const int TotalBytes = 5;

    private readonly Lock _gate = new();
    private readonly TokenBucket[] _buckets =
    [
        new(least: 1), new(least: 1), new(least: 1), new(least: 0), new(least: 0), new(least: 0),
    ];

    private BucketLevels _shares;
    private long _last = long.MinValue;
    private int _waitingReaders;
    private int _waitingWriters;

    public Throttle(QualityOfServiceLimits limits) => SetLimits(limits);

    /// <summary>Changes the limits; null for none. Waiting commands use the new limits in the next turn of their queue.</summary>
    public void SetLimits(QualityOfServiceLimits? limits)
    {
        limits ??= new QualityOfServiceLimits();
        lock (_gate)
        {
            _buckets[ReadIops].Set(limits.ReadIops, limits.BurstSeconds);
            _buckets[WriteIops].Set(limits.WriteIops, limits.BurstSeconds);
            _buckets[TotalIops].Set(limits.TotalIops, limits.BurstSeconds);
            _buckets[ReadBytes].Set(limits.ReadBytesPerSecond, limits.BurstSeconds);
            _buckets[WriteBytes].Set(limits.WriteBytesPerSecond, limits.BurstSeconds);
            _buckets[TotalBytes].Set(limits.TotalBytesPerSecond, limits.BurstSeconds);
        }
    }

    /// <summary>Changes the number of queues with waiting commands of this direction.</summary>
    public void ChangeWaiting(bool isWrite, int by)
    {
        lock (_gate)
        {
            if (isWrite)
                _waitingWriters += by;
            else
                _waitingReaders += by;
        }
    }

    /// <summary>Returns true when a new command may pass at once: no command waits for the same buckets, and they are not empty.</summary>
    public bool IsFree(bool isWrite, long now)
    {
        lock (_gate)
        {
            Fill(now);
            bool isShared = _buckets[TotalIops].IsLimited || _buckets[TotalBytes].IsLimited;
            int before = isShared ? _waitingReaders + _waitingWriters : isWrite ? _waitingWriters : _waitingReaders;
            return before == 0 && HasAny(isWrite);
        }
    }

    /// <summary>Takes the tokens of a command.</summary>
    public void Take(bool isWrite, uint bytes)
    {
        lock (_gate)
        {
            _buckets[isWrite ? WriteIops : ReadIops].Take(1);
            _buckets[TotalIops].Take(1);
            _buckets[isWrite ? WriteBytes : ReadBytes].Take(bytes);
            _buckets[TotalBytes].Take(bytes);
        }
    }

    /// <summary>Begins the turn of a queue with waiting commands.</summary>
    public void BeginTurn(long now)
    {
        lock (_gate)
            Fill(now);
    }

    /// <summary>Returns true when a waiting command may pass in this turn. The waiting queues share the new tokens equally, however many
    /// commands each of them has.</summary>
    /// <param name="isWrite">True for a write, false for a read.</param>
    /// <param name="taken">The tokens that its queue has taken in this turn.</param>
    public bool MayGo(bool isWrite, in BucketLevels taken)
    {
        lock (_gate)
        {
            return HasShare(isWrite ? WriteIops : ReadIops, taken) && HasShare(TotalIops, taken)
                && HasShare(isWrite ? WriteBytes : ReadBytes, taken) && HasShare(TotalBytes, taken);
        }
    }

    /// <summary>Adds the tokens of a command to those that its queue has taken in this turn.</summary>
    public static void Note(ref BucketLevels taken, bool isWrite, uint bytes)
    {
        taken[isWrite ? WriteIops : ReadIops]++;
        taken[TotalIops]++;
        taken[isWrite ? WriteBytes : ReadBytes] += bytes;
        taken[TotalBytes] += bytes;
    }

    /// <summary>Returns the time until a command of this direction may pass, in milliseconds, at least 1.</summary>
    public long WaitMilliseconds(bool isWrite)
    {
        lock (_gate)
        {
            double wait = Math.Max(
                Math.Max(_buckets[isWrite ? WriteIops : ReadIops].WaitMilliseconds, _buckets[TotalIops].WaitMilliseconds),
                Math.Max(_buckets[isWrite ? WriteBytes : ReadBytes].WaitMilliseconds, _buckets[TotalBytes].WaitMilliseconds));
            return (long)Math.Min(wait, int.MaxValue);
        }
    }

    // The clocks of threads differ slightly, so a time before the last one adds no tokens.
    private void Fill(long now)
    {
        if (_last == long.MinValue)
            _last = now;
        if (now <= _last)
            return;
        for (int index = 0; index < BucketCount; index++)
        {
            _buckets[index].Fill(now - _last);
            _shares[index] = _buckets[index].Level / Math.Max(1, Sharers(index));
        }
        _last = now;
    }

    private int Sharers(int index) => index switch
    {
        ReadIops or ReadBytes => _waitingReaders,
        WriteIops or WriteBytes => _waitingWriters,
        _ => _waitingReaders + _waitingWriters,
    };

    private bool HasAny(bool isWrite) =>
        _buckets[isWrite ? WriteIops : ReadIops].HasAny && _buckets[TotalIops].HasAny
        && _buckets[isWrite ? WriteBytes : ReadBytes].HasAny && _buckets[TotalBytes].HasAny;

    private bool HasShare(int index, in BucketLevels taken) =>
        !_buckets[index].IsLimited || _buckets[index].HasAny && taken[index] < _shares[index];
}
