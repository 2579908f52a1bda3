using System.Diagnostics;
using HdrHistogram;

namespace ManagedNvmet.LoadGenerator;

/// <summary>What a histogram of latencies comes to, in microseconds.</summary>
public sealed record LatencySummary(
    double MinMicroseconds,
    double MeanMicroseconds,
    double P50Microseconds,
    double P90Microseconds,
    double P99Microseconds,
    double P999Microseconds,
    double P9999Microseconds,
    double MaxMicroseconds)
{
    private const double UnitsPerMicrosecond = 10;
    private const long HighestUnits = 600_000_000;
    private const int StepsOfHalfDistance = 5;

    /// <summary>A histogram of tenths of a microsecond up to a minute, exact to three digits.</summary>
    public static LongHistogram NewHistogram() => new(HighestUnits, 3);

    /// <summary>Ticks of <see cref="Stopwatch"/> in the unit of the histogram, cut to what it takes.</summary>
    public static long ToHistogram(long ticks) =>
        Math.Clamp((long)(ticks * (UnitsPerMicrosecond * 1_000_000 / Stopwatch.Frequency)), 1, HighestUnits);

    /// <summary>The summary of a histogram; null when it is empty.</summary>
    public static LatencySummary? Of(LongHistogram histogram)
    {
        if (histogram.TotalCount == 0)
            return null;
        double At(double percentile) => histogram.GetValueAtPercentile(percentile) / UnitsPerMicrosecond;
        return new LatencySummary(
            At(0), Math.Round(histogram.GetMean() / UnitsPerMicrosecond, 2), At(50), At(90), At(99), At(99.9), At(99.99), histogram.GetMaxValue() / UnitsPerMicrosecond);
    }

    /// <summary>The distribution in a hundred or so steps that grow finer towards the slowest: pairs of a latency in microseconds and how many
    /// commands took at most that and more than the pair before.</summary>
    public static IReadOnlyList<double[]> Steps(LongHistogram histogram)
    {
        var steps = new List<double[]>();
        if (histogram.TotalCount == 0)
            return steps;
        long before = 0;
        foreach (HdrHistogram.Iteration.HistogramIterationValue step in histogram.Percentiles(StepsOfHalfDistance))
        {
            if (step.TotalCountToThisValue == before)
                continue;
            steps.Add([step.ValueIteratedTo / UnitsPerMicrosecond, step.TotalCountToThisValue - before]);
            before = step.TotalCountToThisValue;
        }
        return steps;
    }
}
