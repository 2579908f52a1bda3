namespace ManagedNvmet.Comparison.Results;

/// <summary>Median, minimum and maximum of several figures.</summary>
public sealed record Spread(double Median, double Minimum, double Maximum)
{
    /// <summary>Computes the spread; null when there are no figures.</summary>
    public static Spread? Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        if (sorted.Length == 0)
            return null;
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}
