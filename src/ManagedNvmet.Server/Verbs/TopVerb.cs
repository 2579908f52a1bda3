using System.CommandLine;
using System.Globalization;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;
using Spectre.Console;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>top</c> verb: each second, lists the hosts that run the most commands.</summary>
internal sealed class TopVerb : ServerVerb
{
    private const int RowCount = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Option<int?> _count;

    public TopVerb()
        : base("top", "Shows live who reads and writes most", printsTable: true) =>
        _count = AddOption(
            new Option<int?>("--count") { Description = "Look so many times, then end. Default: until Ctrl-C", HelpName = "COUNT" });

    protected override async Task RunAsync(VerbCall call)
    {
        int? count = call.Result.GetValue(_count);
        bool isRedirected = call.Output.IsJson || Console.IsOutputRedirected;
        try
        {
            if (isRedirected)
                await RepeatAsync(call, count ?? 1, (rates, overview) => Print(call.Output, rates, overview)).ConfigureAwait(false);
            else
                await AnsiConsole.Live(new Text("")).StartAsync(live => RepeatAsync(call, count ?? int.MaxValue,
                    (rates, _) => live.UpdateTarget(new Text(string.Join('\n', Lines(rates, call.Output.Width)))))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!isRedirected && call.CancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is the normal end.
        }
    }

    private static async Task RepeatAsync(VerbCall call, int count, Action<OverviewRates, Overview> show)
    {
        Overview before = await GetAsync(call).ConfigureAwait(false);
        for (int left = count; left > 0; left--)
        {
            await Task.Delay(Interval, call.CancellationToken).ConfigureAwait(false);
            Overview now = await GetAsync(call).ConfigureAwait(false);
            show(OverviewRates.Between(before, now), now);
            before = now;
        }
    }

    private static Task<Overview> GetAsync(VerbCall call) =>
        call.Client.GetAsync("/v1/overview", ManagementJson.Default.Overview, call.CancellationToken);

    private static void Print(VerbOutput output, OverviewRates rates, Overview overview)
    {
        if (output.IsJson)
        {
            output.Json(overview, ManagementJson.Default.Overview);
            return;
        }
        foreach (string line in Lines(rates, output.Width))
            output.Line(line);
    }

    private static IEnumerable<string> Lines(OverviewRates rates, int width)
    {
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{rates.Hosts} hosts, {rates.Sessions} sessions, {rates.CommandsPerSecond:0} commands/s, ")
            + $"{VerbOutput.Bytes(rates.BytesPerSecond)}/s, {rates.Refused} refused";
        yield return "";
        IoStatistics[] rows = [.. rates.Rows.Take(RowCount)];
        if (rows.Length == 0)
        {
            yield return "Nothing is read or written.";
            yield break;
        }
        IReadOnlyList<Column<IoStatistics>> columns =
        [
            new("host", row => row.HostNqn ?? "all hosts") { IsName = true },
            new("namespace", row => row.NamespaceId.ToString(CultureInfo.InvariantCulture)),
            new("what", row => row.Operation.ToString().ToLowerInvariant()),
            new("commands/s", row => (row.Commands / rates.Seconds).ToString("0", CultureInfo.InvariantCulture)),
            new("bytes/s", row => VerbOutput.Bytes(row.Bytes / rates.Seconds)),
            new("mean time", row => row.LatencyMicroseconds == 0
                ? "-"
                : string.Create(CultureInfo.InvariantCulture, $"{(double)row.LatencyMicroseconds / row.Commands:0} µs")) { Priority = 1 },
            new("subsystem", row => row.SubsystemNqn) { IsName = true, Priority = 2 },
        ];
        foreach (string line in TextTable.Lines(rows, columns, width))
            yield return line;
    }
}
