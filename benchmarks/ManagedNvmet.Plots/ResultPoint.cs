using ManagedNvmet.LoadGenerator;

namespace ManagedNvmet.Plots;

/// <summary>All rounds of one load on one target.</summary>
/// <param name="Label">The target.</param>
/// <param name="Load">The load, as the first round describes it.</param>
/// <param name="Rounds">The rounds, at least one, in ascending order of IOPS.</param>
public sealed record ResultPoint(string Label, LoadDescription Load, IReadOnlyList<LoadResult> Rounds)
{
    /// <summary>The round with the median IOPS. Plots use its latencies for the point.</summary>
    public LoadResult Middle => Rounds[(Rounds.Count - 1) / 2];

    /// <summary>Returns the median of a value over the rounds; null when no round has the value.</summary>
    public double? Median(Func<LoadResult, double?> value)
    {
        double[] values = [.. Rounds.Select(value).OfType<double>().Order()];
        if (values.Length == 0)
            return null;
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
