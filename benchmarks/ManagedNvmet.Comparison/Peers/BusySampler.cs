using System.Diagnostics;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>Reads a server's CPU time periodically, so that the CPU time during the client's measurement can be computed
/// afterwards.</summary>
public sealed class BusySampler : IAsyncDisposable
{
    // A reading costs the server CPU time too, so there are only four per second.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A client needs this long to write its result and to end. The load has then already ended.
    private static readonly TimeSpan ClientEndTime = TimeSpan.FromMilliseconds(300);

    private readonly Func<CancellationToken, Task<ProcessorReading>> _read;
    private readonly List<(TimeSpan Time, ProcessorReading Used)> _readings = [];
    private readonly DateTimeOffset _begun = DateTimeOffset.UtcNow;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;

    /// <summary>Starts to read.</summary>
    public BusySampler(Func<CancellationToken, Task<ProcessorReading>> read)
    {
        _read = read;
        _loop = ReadPeriodicallyAsync();
    }

    /// <summary>Stops reading and returns the busy CPU time during the client's measurement, in µs per second. NaN when there are too few
    /// readings.</summary>
    /// <param name="seconds">Duration of the measurement.</param>
    /// <param name="until">End of the measurement (UTC). The client may have waited long after it, for example for a Flush. Null: the
    /// measurement has just ended.</param>
    public async Task<double> MicrosecondsPerSecondAsync(double seconds, DateTimeOffset? until = null)
    {
        TimeSpan now = _clock.Elapsed;
        TimeSpan to = until is { } stopped ? stopped - _begun : now - ClientEndTime;
        TimeSpan from = (until is null ? now : to) - TimeSpan.FromSeconds(seconds);
        await _end.CancelAsync();
        await _loop;
        List<(TimeSpan Time, ProcessorReading Used)> inside = _readings.FindAll(reading => reading.Time >= from && reading.Time <= to);
        if (inside.Count < 2)
            return double.NaN;
        return inside[^1].Used.BusyMicrosecondsSince(inside[0].Used) / (inside[^1].Time - inside[0].Time).TotalSeconds;
    }

    /// <summary>Stops reading.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
    }

    private async Task ReadPeriodicallyAsync()
    {
        try
        {
            while (true)
            {
                ProcessorReading used = await _read(_end.Token);
                if (double.IsFinite(used.Microseconds))
                    _readings.Add((_clock.Elapsed, used));
                await Task.Delay(Interval, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The sampler was stopped.
        }
    }
}
