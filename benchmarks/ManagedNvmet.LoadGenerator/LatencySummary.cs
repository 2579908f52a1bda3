using System.Diagnostics;
using HdrHistogram;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Percentiles, mean and extremes of a latency histogram, in microseconds.</summary>
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

    /// <summary>Creates a histogram with a unit of 0.1 µs, a maximum of one minute, and a precision of three digits.</summary>
    public static LongHistogram NewHistogram() => new(HighestUnits, 3);

    /// <summary>Converts ticks of <see cref="Stopwatch"/> to the unit of the histogram, clamped to its range.</summary>
    public static long ToHistogram(long ticks) =>
        Math.Clamp((long)(ticks * (UnitsPerMicrosecond * 1_000_000 / Stopwatch.Frequency)), 1, HighestUnits);

    /// <summary>Returns the summary of a histogram; null when it is empty.</summary>
    public static LatencySummary? Of(LongHistogram histogram)
    {
        if (histogram.TotalCount == 0)
            return null;
        double At(double percentile) => histogram.GetValueAtPercentile(percentile) / UnitsPerMicrosecond;
        return new LatencySummary(
            At(0),
            Math.Round(histogram.GetMean() / UnitsPerMicrosecond, 2),
            At(50),
            At(90),
            At(99),
            At(99.9),
            At(99.99),
            histogram.GetMaxValue() / UnitsPerMicrosecond);
    }

    /// <summary>Returns the distribution in about a hundred steps, which are finer for slow commands. Each step is a pair: an upper bound
    /// of the latency in µs, and the number of commands between this bound and that of the previous step.</summary>
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
