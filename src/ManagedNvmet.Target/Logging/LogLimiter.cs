using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Logging;

/// <summary>Bounds how often a peer can make the target write a log line: a burst, then one line a second. Thread-safe.</summary>
internal sealed partial class LogLimiter(ILogger logger, TimeProvider time, int burst = LogLimiter.DefaultBurst)
{
    /// <summary>Lines that may be written at once: enough for a person to see a pattern.</summary>
    public const int DefaultBurst = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _last = time.GetTimestamp();
    private double _allowance = burst;
    private int _leftOut;

    /// <summary>Asks for leave to write a line. When lines were left out since the last one, a line says so first.</summary>
    public bool TryEnter()
    {
        int suppressed;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _allowance = Math.Min(burst, _allowance + time.GetElapsedTime(_last, now) / Interval);
            _last = now;
            suppressed = _leftOut;
            if (_allowance < 1)
            {
                _leftOut = Math.Min(_leftOut + 1, int.MaxValue - 1);
                return false;
            }
            _allowance--;
            _leftOut = 0;
        }
        if (suppressed > 0)
            LogLeftOut(logger, suppressed);
        return true;
    }

    [LoggerMessage(40, LogLevel.Warning, "{Count} lines like the next one were left out")]
    private static partial void LogLeftOut(ILogger logger, int count);
}
