using System.Globalization;
using ManagedNvmet.Configuration;
using ManagedNvmet.Management.Api;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>history</c> verb.</summary>
internal sealed class HistoryVerb() : ServerVerb("history", "Lists the configurations that ran before", printsTable: true)
{
    protected override async Task RunAsync(VerbCall call)
    {
        IReadOnlyList<HistoryEntry> history = await call.Client.GetAsync(
            ConfigurationRequests.Path + "/history", ManagementJson.Default.IReadOnlyListHistoryEntry, call.CancellationToken)
            .ConfigureAwait(false);
        if (call.Output.IsJson)
        {
            call.Output.Json(history, ManagementJson.Default.IReadOnlyListHistoryEntry);
            return;
        }
        call.Output.Rows(history, "No configuration ran before.",
        [
            new("number", row => row.Number.ToString(CultureInfo.InvariantCulture)),
            new("applied", row => VerbOutput.Moment(row.Time)),
            new("etag", row => row.ETag) { Priority = 1 },
            new("changed by", row => row.Requester) { IsName = true, Priority = 2 },
            new("what it changed", row => row.Summary) { IsName = true },
        ]);
    }
}
