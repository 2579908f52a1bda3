namespace ManagedNvmet.Target.Refusals;

/// <summary>Keeps the last refusals, and counts all by reason.</summary>
/// <remarks>Thread-safe. Its memory is bounded, because hosts decide how often they are refused.</remarks>
public sealed class RefusalLog
{
    /// <summary>The largest number of refusals that the log keeps.</summary>
    public const int Capacity = 1000;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Refusal?[] _ring = new Refusal?[Capacity];
    private readonly long[] _counts = new long[Enum.GetValues<RefusalReason>().Length];
    private long _total;

    internal RefusalLog(TimeProvider time) => _time = time;

    /// <summary>The number of refusals since the start.</summary>
    public long TotalCount => Interlocked.Read(ref _total);

    /// <summary>Returns the number of refusals for a reason since the start.</summary>
    public long Count(RefusalReason reason) => Interlocked.Read(ref _counts[(int)reason]);

    /// <summary>Returns the refusals that the log keeps, the newest first.</summary>
    /// <param name="after">Selects the refusals with a higher <see cref="Refusal.Number"/>.</param>
    public IReadOnlyList<Refusal> Read(long after = 0)
    {
        lock (_gate)
        {
            long count = Math.Max(0, Math.Min(Math.Min(_total, Capacity), _total - after));
            var read = new List<Refusal>((int)count);
            for (long number = _total; number > _total - count; number--)
                read.Add(_ring[(int)((number - 1) % Capacity)]!);
            return read;
        }
    }

    /// <summary>Adds a refusal, and sets its number and time.</summary>
    public void Add(Refusal refusal)
    {
        lock (_gate)
        {
            _total++;
            _counts[(int)refusal.Reason]++;
            _ring[(int)((_total - 1) % Capacity)] = refusal with { Number = _total, Time = _time.GetUtcNow() };
        }
    }
}
