using System.Globalization;

namespace ManagedNvmet.Comparison.Bars;

/// <summary>What a ratio, or a value where there is nobody to compare with, has to be.</summary>
/// <param name="Least">The least that is allowed, or null.</param>
/// <param name="Most">The most that is allowed, or null.</param>
/// <param name="OrCpuExcess">Met as well when our processor time a command is at most this many microseconds above the other's.</param>
public sealed record Limit(double? Least = null, double? Most = null, double? OrCpuExcess = null)
{
    /// <summary>The limit as the table shows it.</summary>
    public string Text
    {
        get
        {
            string text = Least is { } least ? $"≥ {Number(least)}" : Most is { } most ? $"≤ {Number(most)}" : "shown";
            return OrCpuExcess is { } excess ? $"{text} or CPU ≤ +{Number(excess)} µs" : text;
        }
    }

    /// <summary>Whether a figure keeps to it; null when there is no bar.</summary>
    public bool? IsMetBy(double figure) => (Least, Most) switch
    {
        ({ } least, _) => figure >= least,
        (_, { } most) => figure <= most,
        _ => null,
    };

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
