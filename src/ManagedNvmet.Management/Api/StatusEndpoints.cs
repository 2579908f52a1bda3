using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace ManagedNvmet.Management.Api;

/// <summary>What can be seen, and sessions ended.</summary>
internal static class StatusEndpoints
{
    private const int DefaultCount = 100;
    private const int MaxCount = 1000;

    public static void Map(IEndpointRouteBuilder routes, ITargetView view, ITargetControl control, OverviewMaker overview, EventLog events)
    {
        routes.MapGet("/overview", () => TypedResults.Ok(overview.Get()))
            .WithSummary("Everything at one look").WithDescription("Each list is cut to 200 entries; counts say how many there are.");
        routes.MapGet("/status", () => TypedResults.Ok(view.GetServer())).WithSummary("The process and its shards");
        routes.MapGet("/ports", () => TypedResults.Ok(view.GetPorts())).WithSummary("Addresses that hosts connect to");
        routes.MapGet("/subsystems", () => TypedResults.Ok(view.GetSubsystems())).WithSummary("Subsystems");
        routes.MapGet("/namespaces", (string? subsystem) => TypedResults.Ok(NamespacesOf(view, subsystem)))
            .WithSummary("Namespaces, of one subsystem or of all");
        routes.MapGet("/hosts", () => TypedResults.Ok(view.GetHosts())).WithSummary("Hosts that are connected or named as allowed");
        routes.MapGet("/sessions", () => TypedResults.Ok(view.GetSessions())).WithSummary("Sessions: controllers and their hosts");
        routes.MapDelete("/sessions/{number:long}", (long number) => End(control, number))
            .WithSummary("Ends a session").WithDescription("Its connections are closed. The host connects again if it is still allowed.");
        routes.MapGet("/statistics", () => TypedResults.Ok(view.GetStatistics()))
            .WithSummary("Commands, bytes and times by host, namespace and kind of command");
        routes.MapGet("/refusals", Results<Ok<RefusalReport>, ProblemHttpResult> (int? most) =>
            (most ?? DefaultCount) is >= 0 and <= MaxCount
                ? TypedResults.Ok(view.GetRefusals(most ?? DefaultCount))
                : Problems.OutOfRange("most", most!.Value, MaxCount))
            .WithSummary("What was refused, why, and which setting would change it; the newest first");
        routes.MapGet("/events", Results<Ok<IReadOnlyList<EventRecord>>, ProblemHttpResult> (int? most) =>
                (most ?? DefaultCount) is >= 0 and <= MaxCount
                    ? TypedResults.Ok(events.Last(most ?? DefaultCount))
                    : Problems.OutOfRange("most", most!.Value, MaxCount))
            .WithSummary("The last lines of the log, the newest first");
    }

    private static IReadOnlyList<NamespaceReport> NamespacesOf(ITargetView view, string? subsystem) => subsystem is null
        ? view.GetNamespaces()
        : [.. view.GetNamespaces().Where(each => each.SubsystemNqn == subsystem)];

    private static Results<NoContent, ProblemHttpResult> End(ITargetControl control, long number) => control.EndSession(number)
        ? TypedResults.NoContent()
        : Problems.NotFound($"There is no session {number}; it may have ended. GET /v1/sessions lists those that live.");
}
