using System.CommandLine;
using System.Globalization;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ManagedNvmet.Server.Verbs;

/// <summary>Who does most at the moment, drawn again each second.</summary>
internal static class TopVerb
{
    private const int RowCount = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var count = new Option<int?>("--count") { Description = "Look so many times, then end. Default: until Ctrl-C", HelpName = "COUNT" };
        Command verb = Verb.Create("top", "Shows live who reads and writes most", call => RunAsync(call, call.Result.GetValue(count)));
        verb.Add(count);
        return verb;
    }

    private static async Task RunAsync(VerbCall call, int? count)
    {
        Overview before = await LookAsync(call).ConfigureAwait(false);
        if (call.Output.IsJson || Console.IsOutputRedirected)
        {
            for (int left = count ?? 1; left > 0; left--)
            {
                await Task.Delay(Interval, call.CancellationToken).ConfigureAwait(false);
                Overview now = await LookAsync(call).ConfigureAwait(false);
                if (call.Output.IsJson)
                    call.Output.Json(now, ManagementJson.Default.Overview);
                else
                    call.Output.Console.Write(Draw(before, now));
                before = now;
            }
            return;
        }
        try
        {
            await call.Output.Console.Live(new Text("")).StartAsync(async live =>
            {
                for (int left = count ?? int.MaxValue; left > 0; left--)
                {
                    await Task.Delay(Interval, call.CancellationToken).ConfigureAwait(false);
                    Overview now = await LookAsync(call).ConfigureAwait(false);
                    live.UpdateTarget(Draw(before, now));
                    before = now;
                }
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how it ends.
        }
    }

    private static Task<Overview> LookAsync(VerbCall call) =>
        call.Client.GetAsync("/v1/overview", ManagementJson.Default.Overview, call.CancellationToken);

    private static Rows Draw(Overview before, Overview now)
    {
        double seconds = Math.Max((now.Time - before.Time).TotalSeconds, 0.001);
        var earlier = before.Statistics.ToDictionary(KeyOf);
        IoStatistics[] added =
        [
            .. now.Statistics.Select(row => Difference(earlier.GetValueOrDefault(KeyOf(row)), row))
                .Where(row => row.Commands > 0).OrderByDescending(row => row.Commands).Take(RowCount),
        ];
        double commands = added.Sum(row => (double)row.Commands) / seconds;
        double bytes = added.Sum(row => (double)row.Bytes) / seconds;
        string head = string.Create(CultureInfo.InvariantCulture,
            $"{now.Counts.HostsConnected} hosts, {now.Counts.Sessions} sessions, {commands:0} commands/s, {VerbOutput.Bytes(bytes)}/s, {now.Refusals.Total} refused");
        Table table = VerbOutput.TableOf(
            added,
            ("host", row => row.HostNqn ?? "all hosts"),
            ("namespace", row => row.NamespaceId.ToString(CultureInfo.InvariantCulture)),
            ("what", row => row.Operation.ToString().ToLowerInvariant()),
            ("commands/s", row => (row.Commands / seconds).ToString("0", CultureInfo.InvariantCulture)),
            ("bytes/s", row => VerbOutput.Bytes(row.Bytes / seconds)),
            ("mean time", row => row.LatencyMicroseconds == 0
                ? "-"
                : string.Create(CultureInfo.InvariantCulture, $"{(double)row.LatencyMicroseconds / row.Commands:0} µs")),
            ("subsystem", row => row.SubsystemNqn));
        IRenderable body = added.Length == 0 ? new Text("Nothing is read or written.") : table;
        return new Rows(new Text(head), new Text(""), body);
    }

    private static (string?, string, uint, BlockOperation) KeyOf(IoStatistics row) => (row.HostNqn, row.SubsystemNqn, row.NamespaceId,
        row.Operation);

    // A server that was started again counts from zero.
    private static IoStatistics Difference(IoStatistics? before, IoStatistics now) => before is null || before.Commands > now.Commands
        ? now
        : now with
        {
            Commands = now.Commands - before.Commands,
            Bytes = now.Bytes - before.Bytes,
            LatencyMicroseconds = now.LatencyMicroseconds - before.LatencyMicroseconds,
        };
}
