namespace ManagedNvmet.Target.QualityOfService;

/// <summary>The limits of one namespace, host, or both, and what is left of them: six token buckets that the queues of all threads share.
/// Commands that find them empty wait in a line of their queue.</summary>
/// <remarks>Thread-safe; the lock is held for a few additions. Asked only for commands that have a limit.</remarks>
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

    /// <summary>Changes the limits; null for none. Commands that wait see it at their next turn.</summary>
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

    /// <summary>A queue has commands of this direction that wait, or none any more.</summary>
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

    /// <summary>True when a command that just came may go at once: nobody waits for what it needs, and there is something left.</summary>
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

    /// <summary>Takes what a command costs.</summary>
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

    /// <summary>Begins the turn of a queue whose commands wait.</summary>
    public void BeginTurn(long now)
    {
        lock (_gate)
            Fill(now);
    }

    /// <summary>True when a command that waits may go in this turn. Whenever something has flowed in, the queues that wait share it: one
    /// with a hundred commands gets no more than one with two.</summary>
    /// <param name="isWrite">What the command is.</param>
    /// <param name="taken">What its queue has taken in this turn.</param>
    public bool MayGo(bool isWrite, in BucketLevels taken)
    {
        lock (_gate)
        {
            return HasShare(isWrite ? WriteIops : ReadIops, taken) && HasShare(TotalIops, taken)
                && HasShare(isWrite ? WriteBytes : ReadBytes, taken) && HasShare(TotalBytes, taken);
        }
    }

    /// <summary>Notes what a command has cost in the turn of its queue.</summary>
    public static void Note(ref BucketLevels taken, bool isWrite, uint bytes)
    {
        taken[isWrite ? WriteIops : ReadIops]++;
        taken[TotalIops]++;
        taken[isWrite ? WriteBytes : ReadBytes] += bytes;
        taken[TotalBytes] += bytes;
    }

    /// <summary>Milliseconds until a command of this direction may go, at least 1.</summary>
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

    // The clocks of two threads may differ by a little; time that was given out once is not given out again.
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
