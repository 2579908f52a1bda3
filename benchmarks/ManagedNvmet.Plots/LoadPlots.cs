using ManagedNvmet.LoadGenerator;

namespace ManagedNvmet.Plots;

/// <summary>Draws the plots of a set of results. Each target has one line, with the same color and marker in every plot. A band shows the
/// range of the rounds.</summary>
/// <remarks>The plots show 4 KiB random reads in a closed loop, without digests and verification. The table also shows other
/// loads.</remarks>
public sealed class LoadPlots(ResultSet results, string? note)
{
    private const int TransferBytes = 4096;
    private const int LatencyDepth = 32;

    /// <summary>The results that the plots show.</summary>
    public IReadOnlyList<ResultPoint> Points { get; } =
    [
        .. results.Points.Where(point => point.Load is
        {
            Mode: "closed",
            ReadPercent: 100,
            Pattern: "random",
            TransferBytes: TransferBytes,
            HeaderDigest: false,
            DataDigest: false,
            Verify: false,
        }),
    ];

    /// <summary>Draws all plots that have enough results.</summary>
    /// <returns>Paths of the written files.</returns>
    public IEnumerable<string> Save(string folder)
    {
        ResultPoint[] byDepth = [.. Points.Where(point => point.Load.Queues == 1).OrderBy(point => point.Load.QueueDepth)];
        int totalDepth = Points.Where(point => point.Load.Queues > 1)
            .Select(point => point.Load.Queues * point.Load.QueueDepth).DefaultIfEmpty().Max();
        ResultPoint[] byQueues =
        [
            .. Points.Where(point => point.Load.Queues * point.Load.QueueDepth == totalDepth).OrderBy(point => point.Load.Queues),
        ];
        ResultPoint[] distribution = [.. byDepth.Where(point => point.Load.QueueDepth == LatencyDepth)];
        return
        [
            .. Curves(folder, "iops-by-depth", "4 KiB random read, one connection", "commands in flight", "thousand IOPS", byDepth,
                point => point.Load.QueueDepth, result => result.Iops / 1000),
            .. Curves(folder, "cpu-by-depth", "4 KiB random read, one connection: CPU time of the server", "commands in flight",
                "µs per command (logarithmic)", byDepth, point => point.Load.QueueDepth, result => result.ServerCpuMicrosecondsPerIo,
                isLogarithmic: true),
            .. Curves(folder, "iops-by-connections", $"4 KiB random read, {totalDepth} commands in flight in total", "connections",
                "thousand IOPS", byQueues, point => point.Load.Queues, result => result.Iops / 1000),
            .. Distribution(folder, distribution),
        ];
    }

    private IEnumerable<string> Curves(
        string folder,
        string name,
        string title,
        string horizontalLabel,
        string verticalLabel,
        IReadOnlyList<ResultPoint> drawn,
        Func<ResultPoint, int> position,
        Func<LoadResult, double?> value,
        bool isLogarithmic = false)
    {
        ResultPoint[] known = [.. drawn.Where(point => point.Median(value) is not null)];
        if (known.Select(position).Distinct().Count() < 2)
            yield break;
        var picture = new Picture(title, horizontalLabel, verticalLabel, note);
        if (isLogarithmic)
            picture.UseLogarithm();
        foreach (string label in results.Labels)
        {
            ResultPoint[] line = [.. known.Where(point => point.Label == label)];
            double[] positions = [.. line.Select(point => Math.Log2(position(point)))];
            picture.Band(
                Index(label),
                positions,
                [.. line.Select(point => point.Rounds.Min(value)!.Value)],
                [.. line.Select(point => point.Rounds.Max(value)!.Value)]);
            picture.Line(Index(label), label, positions, [.. line.Select(point => point.Median(value)!.Value)], hasMarks: true);
        }
        picture.SetHorizontalTicks(known.Select(position).Distinct().Order().Select(number => (Math.Log2(number), $"{number}")));
        yield return picture.Save(folder, name);
    }

    private IEnumerable<string> Distribution(string folder, IReadOnlyList<ResultPoint> drawn)
    {
        if (drawn.Count == 0)
            yield break;
        var picture = new Picture(
            $"4 KiB random read, {LatencyDepth} in flight: latency", "percentile of the commands", "µs (logarithmic)", note);
        picture.UseLogarithm();
        foreach (ResultPoint point in drawn)
        {
            var positions = new List<double>();
            var heights = new List<double>();
            double total = point.Middle.Histogram.Sum(step => step[1]);
            double before = 0;
            foreach (double[] step in point.Middle.Histogram)
            {
                // Draws each step at the middle of its commands, because 100 % has no position on the logarithmic axis.
                positions.Add(PercentilePosition((before + (step[1] / 2)) / total));
                heights.Add(step[0]);
                before += step[1];
            }
            picture.Line(Index(point.Label), point.Label, [.. positions], [.. heights], hasMarks: false);
        }
        double[] shares = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];
        picture.SetHorizontalTicks(shares.Select(share => (PercentilePosition(share), $"{share * 100:0.###}")));
        yield return picture.Save(folder, "latency-distribution");
    }

    private static double PercentilePosition(double share) => -Math.Log10(1 - share);

    private int Index(string label) => results.Labels.ToList().IndexOf(label);
}
