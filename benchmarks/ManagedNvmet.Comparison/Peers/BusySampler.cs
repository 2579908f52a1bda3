using System.Diagnostics;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>Reads a server's processor time all along, so that afterwards the part can be taken in which the client measured.</summary>
public sealed class BusySampler : IAsyncDisposable
{
    // Reading costs the server, too; a second holds three or four.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A client needs a moment to end and to write its result; the figures of that moment are not those of the load.
    private static readonly TimeSpan MarginAtTheEnd = TimeSpan.FromMilliseconds(300);

    private readonly Func<CancellationToken, Task<ProcessorReading>> _read;
    private readonly List<(TimeSpan Time, ProcessorReading Used)> _readings = [];
    private readonly DateTimeOffset _begun = DateTimeOffset.UtcNow;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;

    /// <summary>Begins.</summary>
    public BusySampler(Func<CancellationToken, Task<ProcessorReading>> read)
    {
        _read = read;
        _loop = ReadAllAlongAsync();
    }

    /// <summary>Busy microseconds a second while the client measured.</summary>
    /// <param name="seconds">How long the client measured.</param>
    /// <param name="until">When it stopped: it may have waited long after that for a server that flushes. Null: just now.</param>
    public async Task<double> MicrosecondsPerSecondAsync(double seconds, DateTimeOffset? until = null)
    {
        TimeSpan now = _clock.Elapsed;
        TimeSpan to = until is { } stopped ? stopped - _begun : now - MarginAtTheEnd;
        TimeSpan from = (until is null ? now : to) - TimeSpan.FromSeconds(seconds);
        await _end.CancelAsync();
        await _loop;
        List<(TimeSpan Time, ProcessorReading Used)> inside = _readings.FindAll(reading => reading.Time >= from && reading.Time <= to);
        if (inside.Count < 2)
            return double.NaN;
        return inside[^1].Used.BusyMicrosecondsSince(inside[0].Used) / (inside[^1].Time - inside[0].Time).TotalSeconds;
    }

    /// <summary>Ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
    }

    private async Task ReadAllAlongAsync()
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
            // The measurement is over.
        }
    }
}
