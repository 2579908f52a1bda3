using System.Diagnostics;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>Reads a server's processor time all along, so that afterwards the part can be taken in which the client measured.</summary>
public sealed class BusySampler : IAsyncDisposable
{
    // Reading costs the server, too; a second holds three or four.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A client needs a moment to end and to write its result; the figures of that moment are not those of the load.
    private static readonly TimeSpan MarginAtTheEnd = TimeSpan.FromMilliseconds(300);

    private readonly Func<CancellationToken, Task<ProcessorReading>> read;
    private readonly List<(TimeSpan Time, ProcessorReading Used)> readings = [];
    private readonly DateTimeOffset begun = DateTimeOffset.UtcNow;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly CancellationTokenSource end = new();
    private readonly Task loop;

    /// <summary>Begins.</summary>
    public BusySampler(Func<CancellationToken, Task<ProcessorReading>> read)
    {
        this.read = read;
        loop = ReadAllAlongAsync();
    }

    /// <summary>Busy microseconds a second while the client measured.</summary>
    /// <param name="seconds">How long the client measured.</param>
    /// <param name="until">When it stopped: it may have waited long after that for a server that flushes. Null: just now.</param>
    public async Task<double> MicrosecondsPerSecondAsync(double seconds, DateTimeOffset? until = null)
    {
        TimeSpan now = clock.Elapsed;
        TimeSpan to = until is { } stopped ? stopped - begun : now - MarginAtTheEnd;
        TimeSpan from = (until is null ? now : to) - TimeSpan.FromSeconds(seconds);
        await end.CancelAsync();
        await loop;
        List<(TimeSpan Time, ProcessorReading Used)> inside = readings.FindAll(reading => reading.Time >= from && reading.Time <= to);
        if (inside.Count < 2)
            return double.NaN;
        return inside[^1].Used.BusyMicrosecondsSince(inside[0].Used) / (inside[^1].Time - inside[0].Time).TotalSeconds;
    }

    /// <summary>Ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await loop;
        end.Dispose();
    }

    private async Task ReadAllAlongAsync()
    {
        try
        {
            while (true)
            {
                ProcessorReading used = await read(end.Token);
                if (double.IsFinite(used.Microseconds))
                    readings.Add((clock.Elapsed, used));
                await Task.Delay(Interval, end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }
}
