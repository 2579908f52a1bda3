namespace ManagedNvmet.Target.QualityOfService;

/// <summary>The limits of one namespace, host, or both, and what is left of them: six token buckets that the queues of all threads share.
/// Commands that find them empty wait in a <see cref="ThrottleLine"/> of their queue.</summary>
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

    private readonly Lock gate = new();
    private readonly TokenBucket[] buckets =
    [
        new(least: 1), new(least: 1), new(least: 1), new(least: 0), new(least: 0), new(least: 0),
    ];

    private BucketLevels shares;
    private long last = long.MinValue;
    private int waitingReaders;
    private int waitingWriters;

    public Throttle(QualityOfServiceLimits limits) => SetLimits(limits);

    /// <summary>Changes the limits; null for none. Commands that wait see it at their next turn.</summary>
    public void SetLimits(QualityOfServiceLimits? limits)
    {
        limits ??= new QualityOfServiceLimits();
        lock (gate)
        {
            buckets[ReadIops].Set(limits.ReadIops, limits.BurstSeconds);
            buckets[WriteIops].Set(limits.WriteIops, limits.BurstSeconds);
            buckets[TotalIops].Set(limits.TotalIops, limits.BurstSeconds);
            buckets[ReadBytes].Set(limits.ReadBytesPerSecond, limits.BurstSeconds);
            buckets[WriteBytes].Set(limits.WriteBytesPerSecond, limits.BurstSeconds);
            buckets[TotalBytes].Set(limits.TotalBytesPerSecond, limits.BurstSeconds);
        }
    }

    /// <summary>A queue has commands of this direction that wait, or none any more.</summary>
    public void ChangeWaiting(bool isWrite, int by)
    {
        lock (gate)
        {
            if (isWrite)
                waitingWriters += by;
            else
                waitingReaders += by;
        }
    }

    /// <summary>True when a command that just came may go at once: nobody waits for what it needs, and there is something left.</summary>
    public bool IsFree(bool isWrite, long now)
    {
        lock (gate)
        {
            Fill(now);
            bool isShared = buckets[TotalIops].IsLimited || buckets[TotalBytes].IsLimited;
            int before = isShared ? waitingReaders + waitingWriters : isWrite ? waitingWriters : waitingReaders;
            return before == 0 && HasAny(isWrite);
        }
    }

    /// <summary>Takes what a command costs.</summary>
    public void Take(bool isWrite, uint bytes)
    {
        lock (gate)
        {
            buckets[isWrite ? WriteIops : ReadIops].Take(1);
            buckets[TotalIops].Take(1);
            buckets[isWrite ? WriteBytes : ReadBytes].Take(bytes);
            buckets[TotalBytes].Take(bytes);
        }
    }

    /// <summary>Begins the turn of a queue whose commands wait.</summary>
    public void BeginTurn(long now)
    {
        lock (gate)
            Fill(now);
    }

    /// <summary>True when a command that waits may go in this turn. Whenever something has flowed in, the queues that wait share it: one
    /// with a hundred commands gets no more than one with two.</summary>
    /// <param name="isWrite">What the command is.</param>
    /// <param name="taken">What its queue has taken in this turn.</param>
    public bool MayGo(bool isWrite, in BucketLevels taken)
    {
        lock (gate)
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
        lock (gate)
        {
            double wait = Math.Max(
                Math.Max(buckets[isWrite ? WriteIops : ReadIops].WaitMilliseconds, buckets[TotalIops].WaitMilliseconds),
                Math.Max(buckets[isWrite ? WriteBytes : ReadBytes].WaitMilliseconds, buckets[TotalBytes].WaitMilliseconds));
            return (long)Math.Min(wait, int.MaxValue);
        }
    }

    // The clocks of two threads may differ by a little; time that was given out once is not given out again.
    private void Fill(long now)
    {
        if (last == long.MinValue)
            last = now;
        if (now <= last)
            return;
        for (int index = 0; index < BucketCount; index++)
        {
            buckets[index].Fill(now - last);
            shares[index] = buckets[index].Level / Math.Max(1, Sharers(index));
        }
        last = now;
    }

    private int Sharers(int index) => index switch
    {
        ReadIops or ReadBytes => waitingReaders,
        WriteIops or WriteBytes => waitingWriters,
        _ => waitingReaders + waitingWriters,
    };

    private bool HasAny(bool isWrite) =>
        buckets[isWrite ? WriteIops : ReadIops].HasAny && buckets[TotalIops].HasAny
        && buckets[isWrite ? WriteBytes : ReadBytes].HasAny && buckets[TotalBytes].HasAny;

    private bool HasShare(int index, in BucketLevels taken) =>
        !buckets[index].IsLimited || buckets[index].HasAny && taken[index] < shares[index];
}
