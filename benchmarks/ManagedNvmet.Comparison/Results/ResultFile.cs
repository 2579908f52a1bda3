using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison.Results;

/// <summary>Writes the result as JSON: all samples and all rows of the table.</summary>
public static class ResultFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Writes the file.</summary>
    public static void Write(
        string path, ComparisonOptions options, IReadOnlyDictionary<Bar, Ledger> ledgers, IReadOnlyList<Verdict> verdicts)
    {
        var content = new
        {
            Measured = DateTimeOffset.UtcNow,
            options.Rounds,
            options.Seconds,
            options.SpinMicroseconds,
            Client = options.Client,
            LoadAverage = Machine.LoadAverage(),
            Lines = verdicts.Select(verdict => new
            {
                Bar = verdict.Bar.Name,
                Work = verdict.Criterion.Work.Text,
                verdict.Criterion.Metric,
                Against = verdict.Criterion.Against?.Peer,
                verdict.Ours,
                verdict.Theirs,
                verdict.Ratio,
                Limit = verdict.Criterion.Limit.Text,
                Met = verdict.IsMet,
                verdict.Note,
            }),
            Samples = ledgers.SelectMany(ledger => ledger.Value.Samples, (ledger, entry) => new
            {
                Bar = ledger.Key.Name,
                entry.Contestant.Peer,
                Work = entry.Contestant.Work.Text,
                Rounds = entry.Rounds.Select(round => new { Round = round.Key, Figures = Named(round.Value) }),
            }),
        };
        File.WriteAllText(path, JsonSerializer.Serialize(content, Options));
    }

    private static Dictionary<string, double> Named(Sample sample) =>
        sample.Values.ToDictionary(pair => JsonNamingPolicy.CamelCase.ConvertName(pair.Key.ToString()), pair => pair.Value);
}
