namespace ManagedNvmet.Target.Refusals;

/// <summary>The last refusals, and how many there were for each reason.</summary>
/// <remarks>Thread-safe, bounded: hosts choose how often they are refused.</remarks>
public sealed class RefusalLog
{
    /// <summary>Refusals that are kept.</summary>
    public const int Capacity = 1000;

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Refusal?[] ring = new Refusal?[Capacity];
    private readonly long[] counts = new long[Enum.GetValues<RefusalReason>().Length];
    private long total;

    internal RefusalLog(TimeProvider time) => this.time = time;

    /// <summary>Refusals since the start.</summary>
    public long TotalCount => Interlocked.Read(ref total);

    /// <summary>Refusals for this reason since the start.</summary>
    public long Count(RefusalReason reason) => Interlocked.Read(ref counts[(int)reason]);

    /// <summary>The refusals that are kept, the newest first.</summary>
    /// <param name="after">Only those with a higher <see cref="Refusal.Number"/>.</param>
    public IReadOnlyList<Refusal> Read(long after = 0)
    {
        lock (gate)
        {
            long count = Math.Max(0, Math.Min(Math.Min(total, Capacity), total - after));
            var read = new List<Refusal>((int)count);
            for (long number = total; number > total - count; number--)
                read.Add(ring[(int)((number - 1) % Capacity)]!);
            return read;
        }
    }

    /// <summary>Adds a refusal; its number and its time are set here.</summary>
    public void Add(Refusal refusal)
    {
        lock (gate)
        {
            total++;
            counts[(int)refusal.Reason]++;
            ring[(int)((total - 1) % Capacity)] = refusal with { Number = total, Time = time.GetUtcNow() };
        }
    }
}
