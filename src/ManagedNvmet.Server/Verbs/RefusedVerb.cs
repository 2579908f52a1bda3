using System.CommandLine;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;
using ManagedNvmet.Server.Settings;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>refused</c> verb.</summary>
internal sealed class RefusedVerb : ServerVerb
{
    private readonly Option<int> _last;

    public RefusedVerb()
        : base("refused", "Shows who was refused, why, and what would change it") =>
        _last = AddOption(LastOption.Of("refusals"));

    protected override async Task RunAsync(VerbCall call)
    {
        RefusalReport report = await call.Client.GetAsync(
            $"/v1/refusals?most={call.Result.GetValue(_last)}", ManagementJson.Default.RefusalReport, call.CancellationToken)
            .ConfigureAwait(false);
        if (call.Output.IsJson)
            call.Output.Json(report, ManagementJson.Default.RefusalReport);
        else
            Print(call, report);
    }

    // Not a table: reason and remedy are sentences.
    private static void Print(VerbCall call, RefusalReport report)
    {
        VerbOutput output = call.Output;
        if (report.Total == 0)
        {
            output.Line("Nothing was refused since the start.");
            return;
        }
        foreach (RefusalEntry each in report.Last)
        {
            output.Line($"{VerbOutput.Moment(each.Time)}  {each.Kind}: {each.Reason}");
            output.Line($"  who     {each.HostNqn ?? "unknown host"} from {each.RemoteAddress ?? "an unknown address"}"
                + (each.SubsystemNqn is null ? "" : $" to {each.SubsystemNqn}"));
            output.Line($"  why     {each.Detail}");
            output.Line($"  remedy  {HostAllowVerb.CommandFor(each, call.Server) ?? SettingText.Explain(each.Remedy)}");
        }
        output.Line($"{report.Total} in all: "
            + $"{string.Join(", ", report.ByReason.OrderByDescending(each => each.Value).Select(each => $"{each.Value} {each.Key}"))}");
    }
}
