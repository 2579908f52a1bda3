using System.Text.Json;
using ManagedNvmet.LoadGenerator;

namespace ManagedNvmet.Plots;

/// <summary>The results of a folder, with the rounds of the same load and target grouped into one point.</summary>
/// <param name="Points">One point per target and load, ordered by label, transfer size, read percentage, connections and depth.</param>
public sealed record ResultSet(IReadOnlyList<ResultPoint> Points)
{
    /// <summary>Labels of the targets, in the order of the plots.</summary>
    public IReadOnlyList<string> Labels => [.. Points.Select(point => point.Label).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads all *.json files of a folder.</summary>
    /// <exception cref="JsonException">A file is not a result of nvme-load. The message names the file.</exception>
    public static ResultSet Read(string folder) =>
        From(Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(ReadFile));

    /// <summary>Groups results by target and load.</summary>
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

    // Clears the values that differ between rounds of the same load.
    private static LoadDescription WithoutRound(LoadDescription load) => load with { Seconds = 0, MeasuredUntil = null, RangeBytes = 0 };

    private static LoadResult ReadFile(string path)
    {
        try
        {
            return LoadResult.FromJson(File.ReadAllText(path));
        }
        catch (JsonException exception)
        {
            throw new JsonException($"{path} is not a result of nvme-load: {exception.Message}");
        }
    }
}
