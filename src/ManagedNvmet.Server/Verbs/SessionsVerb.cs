using System.Globalization;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>sessions</c> verb.</summary>
internal sealed class SessionsVerb()
    : ServerVerb("sessions", "Lists the sessions: controllers and the hosts that made them", printsTable: true)
{
    protected override async Task RunAsync(VerbCall call)
    {
        IReadOnlyList<SessionReport> sessions = await call.Client.GetAsync(
            "/v1/sessions", ManagementJson.Default.IReadOnlyListSessionReport, call.CancellationToken).ConfigureAwait(false);
        if (call.Output.IsJson)
        {
            call.Output.Json(sessions, ManagementJson.Default.IReadOnlyListSessionReport);
            return;
        }
        call.Output.Rows(sessions, "No host is connected.",
        [
            new("session", row => row.Number.ToString(CultureInfo.InvariantCulture)),
            new("host", row => row.HostNqn) { IsName = true },
            new("from", row => row.RemoteAddress) { Priority = 2 },
            new("state", row => row.State.ToLowerInvariant()),
            new("i/o queues", row => VerbOutput.Number(row.IoQueues)),
            new("in flight", row => VerbOutput.Number(row.CommandsInFlight)) { Priority = 3 },
            new("keep alive", row => row.KeepAliveMilliseconds == 0 ? "off" : $"{row.KeepAliveMilliseconds / 1000.0:0.#} s")
            {
                Priority = 4,
            },
            new("subsystem", row => row.IsDiscovery ? "(discovery)" : row.SubsystemNqn) { IsName = true, Priority = 1 },
        ]);
    }
}
