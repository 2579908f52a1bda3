using System.Text.Json;
using ManagedNvmet.LoadGenerator;

namespace ManagedNvmet.Plots;

/// <summary>The results of a folder, rounds of the same load on the same target put together.</summary>
/// <param name="Points">One a target and load, in the order of label, kind of load, connections and depth.</param>
public sealed record ResultSet(IReadOnlyList<ResultPoint> Points)
{
    /// <summary>Targets, in the order in which they are drawn.</summary>
    public IReadOnlyList<string> Labels => [.. Points.Select(point => point.Label).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads every *.json of a folder.</summary>
    /// <exception cref="JsonException">A file is no result; the message names it.</exception>
    public static ResultSet Read(string folder) => From(Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(ReadFile));

    /// <summary>Groups results.</summary>
    public static ResultSet From(IEnumerable<LoadResult> results) => new(
    [
        .. results.GroupBy(result => (Label: result.Label ?? result.Target, Load: WithoutRound(result.Load)))
            .OrderBy(group => group.Key.Label, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Load.TransferBytes)
            .ThenByDescending(group => group.Key.Load.ReadPercent)
            .ThenBy(group => group.Key.Load.Queues)
            .ThenBy(group => group.Key.Load.QueueDepth)
            .Select(group => new ResultPoint(group.Key.Label, group.First().Load, [.. group.OrderBy(result => result.Iops)])),
    ]);

    // What is the same in every round.
    private static LoadDescription WithoutRound(LoadDescription load) => load with { Seconds = 0, MeasuredUntil = null, RangeBytes = 0 };

    private static LoadResult ReadFile(string path)
    {
        try
        {
            return LoadResult.FromJson(File.ReadAllText(path));
        }
        catch (JsonException exception)
        {
            throw new JsonException($"{path} is no result of nvme-load: {exception.Message}");
        }
    }
}
