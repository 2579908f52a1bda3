using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The difference between two overviews.</summary>
internal sealed record OverviewRates
{
    /// <summary>Seconds between the overviews.</summary>
    public double Seconds { get; private init; }

    /// <summary>Connected hosts.</summary>
    public int Hosts { get; private init; }

    /// <summary>Sessions.</summary>
    public int Sessions { get; private init; }

    /// <summary>Refusals since the start.</summary>
    public long Refused { get; private init; }

    /// <summary>Commands of all hosts, whatever <see cref="Rows"/> holds.</summary>
    public double CommandsPerSecond { get; private init; }

    /// <summary>Bytes of all hosts, whatever <see cref="Rows"/> holds.</summary>
    public double BytesPerSecond { get; private init; }

    /// <summary>What each host did in between with each namespace; those with the most commands first.</summary>
    public IReadOnlyList<IoStatistics> Rows { get; private init; } = [];

    /// <summary>Computes the difference.</summary>
    /// <param name="before">The earlier overview.</param>
    /// <param name="now">The later one, of the same server or of one that was started again.</param>
    public static OverviewRates Between(Overview before, Overview now)
    {
        double seconds = Math.Max((now.Time - before.Time).TotalSeconds, 0.001);
        var totals = before.Totals.ToDictionary(row => row.Operation);
        IoStatistics[] sums =
            [.. now.Totals.Select(row => totals.GetValueOrDefault(row.Operation) is { } earlier ? Difference(earlier, row) : row)];
        var rows = before.Statistics.ToDictionary(KeyOf);

        // The list holds the rows with the most commands since the start. A row that has just entered a full list has an unknown past.
        bool isWhole = before.Statistics.Count < OverviewMaker.ListLength;
        return new OverviewRates
        {
            Seconds = seconds,
            Hosts = now.Counts.HostsConnected,
            Sessions = now.Counts.Sessions,
            Refused = now.Refusals.Total,
            CommandsPerSecond = sums.Sum(row => (double)row.Commands) / seconds,
            BytesPerSecond = sums.Sum(row => (double)row.Bytes) / seconds,
            Rows =
            [
                .. now.Statistics
                    .Select(row => rows.GetValueOrDefault(KeyOf(row)) is { } earlier ? Difference(earlier, row) : isWhole ? row : null)
                    .OfType<IoStatistics>().Where(row => row.Commands > 0).OrderByDescending(row => row.Commands),
            ],
        };
    }

    private static (string?, string, uint, BlockOperation) KeyOf(IoStatistics row) =>
        (row.HostNqn, row.SubsystemNqn, row.NamespaceId, row.Operation);

    // The counters of a server that was started again begin at zero.
    private static IoStatistics Difference(IoStatistics before, IoStatistics now) => before.Commands > now.Commands
        ? now
        : now with
        {
            Commands = now.Commands - before.Commands,
            Bytes = now.Bytes - before.Bytes,
            LatencyMicroseconds = now.LatencyMicroseconds - before.LatencyMicroseconds,
        };
}
