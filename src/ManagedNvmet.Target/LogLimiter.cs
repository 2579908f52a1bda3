namespace ManagedNvmet.Target;

/// <summary>Bounds how often a peer can make the target write a log line: a burst, then one line a second. Thread-safe.</summary>
internal sealed class LogLimiter(TimeProvider time, int burst = LogLimiter.DefaultBurst)
{
    /// <summary>Lines that may be written at once: enough for a person to see a pattern.</summary>
    public const int DefaultBurst = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private long last = time.GetTimestamp();
    private double allowance = burst;
    private int leftOut;

    /// <summary>Asks for leave to write a line.</summary>
    /// <param name="suppressed">Lines that were left out since the last one.</param>
    public bool TryEnter(out int suppressed)
    {
        lock (gate)
        {
            long now = time.GetTimestamp();
            allowance = Math.Min(burst, allowance + time.GetElapsedTime(last, now) / Interval);
            last = now;
            suppressed = leftOut;
            if (allowance < 1)
            {
                leftOut = Math.Min(leftOut + 1, int.MaxValue - 1);
                return false;
            }
            allowance--;
            leftOut = 0;
            return true;
        }
    }
}
