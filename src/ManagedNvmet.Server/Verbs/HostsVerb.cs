using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>hosts</c> verb.</summary>
internal sealed class HostsVerb() : ServerVerb("hosts", "Lists the hosts that are connected or may connect", printsTable: true)
{
    protected override async Task RunAsync(VerbCall call)
    {
        IReadOnlyList<HostReport> hosts = await call.Client.GetAsync(
            "/v1/hosts", ManagementJson.Default.IReadOnlyListHostReport, call.CancellationToken).ConfigureAwait(false);
        if (call.Output.IsJson)
        {
            call.Output.Json(hosts, ManagementJson.Default.IReadOnlyListHostReport);
            return;
        }
        call.Output.Rows(hosts, "No host is connected, and none is named.",
        [
            new("host", row => row.Nqn) { IsName = true },
            new("state", row => row.IsSuspectedDuplicate ? "connected twice: a clone?" : row.IsConnected ? "connected" : "away"),
            new("sessions", row => VerbOutput.Number(row.Sessions)),
            new("i/o queues", row => VerbOutput.Number(row.IoQueues)) { Priority = 2 },
            new("addresses", row => string.Join(", ", row.Addresses)) { Priority = 1 },
            new("allowed on", row => VerbOutput.Number(row.AllowedOn.Count)) { Priority = 3 },
        ]);
    }
}
