using ManagedNvmet.Comparison.Bars;
using Spectre.Console;

namespace ManagedNvmet.Comparison.Results;

/// <summary>Prints the table of results.</summary>
public static class VerdictTable
{
    private const int RedirectedWidth = 230;
    private const int MaxNoteLength = 60;

    /// <summary>Writes the table to standard output.</summary>
    public static void Write(IReadOnlyList<Verdict> verdicts)
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = RedirectedWidth;
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumns("", "work", "figure", "ours (min–max)", "theirs (min–max)", "ratio (min–max)", "bar", "met");
        foreach (Verdict verdict in verdicts)
        {
            Criterion criterion = verdict.Criterion;
            table.AddRow(
                verdict.Bar.Name,
                Markup.Escape(criterion.Work.Text),
                MetricText.Name(criterion.Metric),
                Figures(criterion.Metric, verdict.Ours),
                criterion.Against is { } against ? $"{NameOf(criterion, against)}: {Figures(criterion.Metric, verdict.Theirs)}" : "",
                verdict.Ratio is { } ratio ? $"{ratio.Median:0.00} ({ratio.Minimum:0.00}–{ratio.Maximum:0.00})" : "",
                criterion.Limit.Text,
                Markup.Escape(MetText(verdict)));
        }
        AnsiConsole.Write(table);
    }

    /// <summary>Returns the numbers of criteria that are met, missed and not measured.</summary>
    public static string Summary(IReadOnlyList<Verdict> verdicts) =>
        $"{verdicts.Count(verdict => verdict.IsMet == true)} rows met, {verdicts.Count(verdict => verdict.IsMet == false)} missed, "
        + $"{verdicts.Count(verdict => verdict.IsMet is null)} without a bar or not measured";

    private static string NameOf(Criterion criterion, Contestant against) =>
        against.Peer == PeerKind.Ours ? "no digests" : against.Peer == PeerKind.LocalFio ? "local fio" : against.Peer.ToString();

    private static string Figures(Metric metric, Spread? spread)
    {
        return spread is null ? "–" : $"{Text(spread.Median)} ({Text(spread.Minimum)}–{Text(spread.Maximum)})";

        string Text(double value) => MetricText.Value(metric, value);
    }

    private static string MetText(Verdict verdict)
    {
        string text = verdict.IsMet switch { true => "yes", false => "NO", null => "–" };
        return verdict.Note is { } note ? $"{text}: {Truncate(note)}" : text;
    }

    // The progress output and the JSON contain the whole note.
    private static string Truncate(string note)
    {
        string line = note.Split('\n')[0];
        return line.Length <= MaxNoteLength ? line : line[..MaxNoteLength] + "…";
    }
}
