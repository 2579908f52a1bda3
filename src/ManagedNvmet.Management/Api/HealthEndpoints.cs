using ManagedNvmet.Management.Metrics;
using ManagedNvmet.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace ManagedNvmet.Management.Api;

/// <summary>Endpoints for monitoring systems: liveness, readiness and metrics.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ITargetView view, TargetMetrics metrics)
    {
        routes.MapGet("/health/live", () => TypedResults.Ok(new HealthReport("ok", null)))
            .WithSummary("Liveness: the process responds").AllowWithoutToken();
        routes.MapGet("/health/ready", () => Ready(view))
            .WithSummary("Readiness: hosts can connect, because the server runs and listens on every port").AllowWithoutToken();
        routes.MapGet("/metrics", () => TypedResults.Text(PrometheusText.Write(metrics.Meter), PrometheusText.ContentType))
            .WithSummary("Metrics in the Prometheus text format");
    }

    private static Results<Ok<HealthReport>, JsonHttpResult<HealthReport>> Ready(ITargetView view)
    {
        ServerState state = view.GetServer().State;
        if (state != ServerState.Running)
            return NotReady(state.ToString().ToLowerInvariant(), state == ServerState.Stopping ? "The server is stopping."
                : "The server is starting.");
        int down = view.GetPorts().Count(port => !port.IsListening);
        return down == 0
            ? TypedResults.Ok(new HealthReport("ok", null))
            : NotReady("port-down", $"The server does not listen on {down} of its ports; GET /v1/ports says why.");
    }

    private static JsonHttpResult<HealthReport> NotReady(string status, string detail) =>
        TypedResults.Json(new HealthReport(status, detail), ManagementJson.Default.HealthReport,
            statusCode: StatusCodes.Status503ServiceUnavailable);
}
