using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace ManagedNvmet.Management.Api;

/// <summary>Endpoints that report the state of the server, and one that ends a session.</summary>
internal static class StatusEndpoints
{
    private const int DefaultCount = 100;
    private const int MaxCount = 1000;

    public static void Map(IEndpointRouteBuilder routes, ITargetView view, ITargetControl control, OverviewMaker overview, EventLog events,
        IReadOnlyList<SettingReport> settings)
    {
        routes.MapGet("/overview", () => TypedResults.Ok(overview.Get()))
            .WithSummary("The state of the whole server")
            .WithDescription("Each list is truncated to 200 entries; counts gives the full numbers.");
        routes.MapGet("/status", () => TypedResults.Ok(view.GetServer())).WithSummary("The process and its shards");
        routes.MapGet("/settings", () => TypedResults.Ok(settings))
            .WithSummary("Settings of the process: the value in force, and the place that it comes from");
        routes.MapGet("/ports", () => TypedResults.Ok(view.GetPorts())).WithSummary("Addresses that hosts connect to");
        routes.MapGet("/subsystems", () => TypedResults.Ok(view.GetSubsystems())).WithSummary("Subsystems");
        routes.MapGet("/namespaces", (string? subsystem) => TypedResults.Ok(NamespacesOf(view, subsystem)))
            .WithSummary("Namespaces of one subsystem or of all");
        routes.MapGet("/hosts", () => TypedResults.Ok(view.GetHosts()))
            .WithSummary("Hosts that are connected, or that the configuration names as allowed");
        routes.MapGet("/sessions", () => TypedResults.Ok(view.GetSessions())).WithSummary("Sessions: controllers and their hosts");
        routes.MapDelete("/sessions/{number:long}", (long number) => End(control, number))
            .WithSummary("Ends a session")
            .WithDescription("The server closes the session's connections. The host reconnects if it is still allowed.");
        routes.MapGet("/statistics", () => TypedResults.Ok(view.GetStatistics()))
            .WithSummary("Commands, bytes and latencies per host, namespace and operation");
        routes.MapGet("/refusals", Results<Ok<RefusalReport>, ProblemHttpResult> (int? most) =>
            (most ?? DefaultCount) is >= 0 and <= MaxCount
                ? TypedResults.Ok(view.GetRefusals(most ?? DefaultCount))
                : Problems.OutOfRange("most", most!.Value, MaxCount))
            .WithSummary("Refusals with their reason and the setting that would change them, the newest first");
        routes.MapGet("/events", Results<Ok<IReadOnlyList<EventRecord>>, ProblemHttpResult> (int? most) =>
                (most ?? DefaultCount) is >= 0 and <= MaxCount
                    ? TypedResults.Ok(events.Last(most ?? DefaultCount))
                    : Problems.OutOfRange("most", most!.Value, MaxCount))
            .WithSummary("The latest lines of the log, the newest first");
    }

    private static IReadOnlyList<NamespaceReport> NamespacesOf(ITargetView view, string? subsystem) => subsystem is null
        ? view.GetNamespaces()
        : [.. view.GetNamespaces().Where(each => each.SubsystemNqn == subsystem)];

    private static Results<NoContent, ProblemHttpResult> End(ITargetControl control, long number) => control.EndSession(number)
        ? TypedResults.NoContent()
        : Problems.NotFound($"There is no session {number}; it may have ended. GET /v1/sessions lists the open sessions.");
}
