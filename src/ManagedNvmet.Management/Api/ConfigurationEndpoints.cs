using ManagedNvmet.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace ManagedNvmet.Management.Api;

/// <summary>Endpoints under /v1/configuration. They read, plan, replace and roll back the whole running configuration. The document has
/// the format that nvmetcli saves.</summary>
internal static class ConfigurationEndpoints
{
    private const string AnyETag = "*";

    public static void Map(IEndpointRouteBuilder routes, IConfigurationControl control)
    {
        RouteGroupBuilder group = routes.MapGroup("/configuration");
        group.MapGet("", (HttpContext context, bool? identities) => Get(context, control, identities ?? false))
            .WithSummary("Returns the running configuration, in the format that nvmetcli saves")
            .WithDescription("The ETag header identifies this version of the configuration. With identities=true the body also has the "
                + "serial numbers and identities that the server made, so that another machine serves the same disks.");
        group.MapPost("/plan", (HttpContext context, CancellationToken cancellationToken) => PlanAsync(context, control, cancellationToken))
            .WithSummary("Returns the changes that the configuration in the body would make; makes none");
        group.MapPut("", (HttpContext context, CancellationToken cancellationToken) => ApplyAsync(context, control, cancellationToken))
            .WithSummary("Replaces the configuration with the one in the body, as a whole or not at all")
            .WithDescription("If-Match must carry the ETag of the running configuration, or * to replace any.");
        group.MapGet("/history", () => TypedResults.Ok(control.History))
            .WithSummary("Lists the previous configurations, the newest first");
        group.MapPost("/rollback", (HttpContext context, int? number, CancellationToken cancellationToken) =>
                RollbackAsync(context, control, number, cancellationToken))
            .WithSummary("Restores a configuration of the history; without a number, the one before the running one");
    }

    private static ContentHttpResult Get(HttpContext context, IConfigurationControl control, bool withIdentities)
    {
        context.Response.Headers.ETag = $"\"{control.ETag}\"";
        return TypedResults.Content(ConfigurationFile.Write(withIdentities ? control.Export() : control.Configuration), "application/json");
    }

    private static async Task<Results<Ok<PlanReport>, ProblemHttpResult>> PlanAsync(
        HttpContext context, IConfigurationControl control, CancellationToken cancellationToken)
    {
        ConfigurationReading reading = await ReadAsync(context, cancellationToken).ConfigureAwait(false);
        return reading.Configuration is { } wanted && reading.IsSound
            ? TypedResults.Ok(PlanReport.Of(control.Plan(wanted), control))
            : InvalidConfiguration(reading.Problems);
    }

    private static async Task<Results<Ok<PlanReport>, ProblemHttpResult>> ApplyAsync(
        HttpContext context, IConfigurationControl control, CancellationToken cancellationToken)
    {
        string expected = context.Request.Headers.IfMatch.ToString();
        if (expected.Length == 0)
        {
            return TypedResults.Problem(
                "The request has no If-Match header; send one with the ETag of GET /v1/configuration, or with * to replace any.",
                statusCode: StatusCodes.Status428PreconditionRequired,
                title: "The If-Match header is missing");
        }
        ConfigurationReading reading = await ReadAsync(context, cancellationToken).ConfigureAwait(false);
        if (reading.Configuration is not { } wanted || !reading.IsSound)
            return InvalidConfiguration(reading.Problems);
        string? eTag = expected == AnyETag ? null : expected.Trim('"');
        return ToResponse(
            control, await control.ApplyAsync(wanted, eTag, Requester.Of(context), cancellationToken).ConfigureAwait(false));
    }

    private static async Task<Results<Ok<PlanReport>, ProblemHttpResult>> RollbackAsync(
        HttpContext context, IConfigurationControl control, int? number, CancellationToken cancellationToken) =>
        ToResponse(control, await control.RollbackAsync(number, Requester.Of(context), cancellationToken).ConfigureAwait(false));

    private static Results<Ok<PlanReport>, ProblemHttpResult> ToResponse(
        IConfigurationControl control, ApplyResult result) => result.Outcome switch
        {
            ApplyOutcome.Applied or ApplyOutcome.Unchanged => TypedResults.Ok(PlanReport.Of(result.Plan, control, result)),
            ApplyOutcome.Conflict => Problem(
                StatusCodes.Status412PreconditionFailed,
                "Somebody else changed the configuration",
                result.Reason ?? "The ETag in If-Match is not that of the running configuration; read it again and repeat the change.",
                result.Plan.Problems),
            ApplyOutcome.Invalid => InvalidConfiguration(result.Plan.Problems, result.Reason),
            _ => Problem(
                StatusCodes.Status409Conflict,
                "The change failed; the previous configuration is still in effect",
                result.Reason ?? "The server could not prepare the change.",
                result.Plan.Problems),
        };

    private static ProblemHttpResult InvalidConfiguration(IReadOnlyList<ConfigurationProblem> problems, string? reason = null) => Problem(
        StatusCodes.Status422UnprocessableEntity,
        "The configuration is invalid",
        reason ?? $"The configuration has {Count(problems, ProblemSeverity.Error, "error")} and "
            + $"{Count(problems, ProblemSeverity.Warning, "warning")}; nothing was changed.",
        problems);

    private static string Count(IReadOnlyList<ConfigurationProblem> problems, ProblemSeverity severity, string noun)
    {
        int count = problems.Count(each => each.Severity == severity);
        return count == 1 ? $"1 {noun}" : $"{count} {noun}s";
    }

    private static ProblemHttpResult Problem(int status, string title, string detail, IReadOnlyList<ConfigurationProblem> problems) =>
        TypedResults.Problem(
            detail,
            statusCode: status,
            title: title,
            extensions: new Dictionary<string, object?> { ["problems"] = problems.Select(each => each.ToString()).ToArray() });

    private static async Task<ConfigurationReading> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellationToken).ConfigureAwait(false);
        return ConfigurationFile.Parse(body.GetBuffer().AsSpan(0, (int)body.Length));
    }
}
