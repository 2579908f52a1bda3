using System.Globalization;

namespace ManagedNvmet.Comparison.Bars;

/// <summary>Limit of a criterion. Without a minimum and a maximum, the table only shows the figure.</summary>
/// <param name="Least">Minimum, or null.</param>
/// <param name="Most">Maximum, or null.</param>
/// <param name="OrCpuExcess">The criterion is also met when this server's CPU time per command exceeds the other's by at most this many
/// microseconds.</param>
public sealed record Limit(double? Least = null, double? Most = null, double? OrCpuExcess = null)
{
    /// <summary>Text of the limit for the table.</summary>
    public string Text
    {
        get
        {
            string text = Least is { } least ? $"≥ {Number(least)}" : Most is { } most ? $"≤ {Number(most)}" : "shown";
            return OrCpuExcess is { } excess ? $"{text} or CPU ≤ +{Number(excess)} µs" : text;
        }
    }

    /// <summary>Returns whether a figure respects the limit; null when there is neither a minimum nor a maximum.</summary>
    public bool? IsMetBy(double figure) => (Least, Most) switch
    {
        ({ } least, _) => figure >= least,
        (_, { } most) => figure <= most,
        _ => null,
    };

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
