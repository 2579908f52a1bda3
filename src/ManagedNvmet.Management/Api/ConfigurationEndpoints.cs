using ManagedNvmet.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace ManagedNvmet.Management.Api;

/// <summary>The running configuration as a document in the shape that nvmetcli saves: read, compared, replaced as a whole.</summary>
internal static class ConfigurationEndpoints
{
    private const string AnyETag = "*";

    public static void Map(IEndpointRouteBuilder routes, IConfigurationControl control)
    {
        RouteGroupBuilder group = routes.MapGroup("/configuration");
        group.MapGet("", (HttpContext context) => Get(context, control))
            .WithSummary("The running configuration, in the shape that nvmetcli saves").WithDescription("The ETag header names its content.");
        group.MapPost("/plan", (HttpContext context, CancellationToken cancellationToken) => PlanAsync(context, control, cancellationToken))
            .WithSummary("What the configuration in the body would change; changes nothing");
        group.MapPut("", (HttpContext context, CancellationToken cancellationToken) => ApplyAsync(context, control, cancellationToken))
            .WithSummary("Replaces the configuration by the one in the body, as a whole or not at all")
            .WithDescription("If-Match carries the ETag that the writer has seen, or * to replace whatever runs.");
        group.MapGet("/history", () => TypedResults.Ok(control.History)).WithSummary("The configurations that ran before, the newest first");
        group.MapPost("/rollback", (int? number, CancellationToken cancellationToken) => RollbackAsync(control, number, cancellationToken))
            .WithSummary("Returns to a configuration of the history; without a number to the one before the running one");
    }

    private static ContentHttpResult Get(HttpContext context, IConfigurationControl control)
    {
        context.Response.Headers.ETag = $"\"{control.ETag}\"";
        return TypedResults.Content(ConfigurationFile.Write(control.Configuration), "application/json");
    }

    private static async Task<Results<Ok<PlanReport>, ProblemHttpResult>> PlanAsync(
        HttpContext context, IConfigurationControl control, CancellationToken cancellationToken)
    {
        ConfigurationReading reading = await ReadAsync(context, cancellationToken).ConfigureAwait(false);
        return reading.Configuration is { } wanted && reading.IsSound
            ? TypedResults.Ok(PlanReport.Of(control.Plan(wanted), control.ETag))
            : Unsound(reading.Problems);
    }

    private static async Task<Results<Ok<PlanReport>, ProblemHttpResult>> ApplyAsync(
        HttpContext context, IConfigurationControl control, CancellationToken cancellationToken)
    {
        string expected = context.Request.Headers.IfMatch.ToString();
        if (expected.Length == 0)
        {
            return TypedResults.Problem(
                "The request says no configuration that it replaces; send If-Match with the ETag of GET /v1/configuration, or * to replace any.",
                statusCode: StatusCodes.Status428PreconditionRequired,
                title: "An ETag is needed");
        }
        ConfigurationReading reading = await ReadAsync(context, cancellationToken).ConfigureAwait(false);
        if (reading.Configuration is not { } wanted || !reading.IsSound)
            return Unsound(reading.Problems);
        string? eTag = expected == AnyETag ? null : expected.Trim('"');
        return Answer(await control.ApplyAsync(wanted, eTag, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<Results<Ok<PlanReport>, ProblemHttpResult>> RollbackAsync(
        IConfigurationControl control, int? number, CancellationToken cancellationToken) =>
        Answer(await control.RollbackAsync(number, cancellationToken).ConfigureAwait(false));

    private static Results<Ok<PlanReport>, ProblemHttpResult> Answer(ApplyResult result) => result.Outcome switch
    {
        ApplyOutcome.Applied or ApplyOutcome.Unchanged => TypedResults.Ok(PlanReport.Of(result.Plan, result.ETag, result.Outcome)),
        ApplyOutcome.Conflict => Problem(StatusCodes.Status412PreconditionFailed, "Somebody else changed the configuration",
            result.Reason ?? "The running configuration is not the one that the request replaces; look at it and try again.",
                result.Plan.Problems),
        ApplyOutcome.Invalid => Unsound(result.Plan.Problems, result.Reason),
        _ => Problem(StatusCodes.Status409Conflict, "The change could not be made; the old configuration runs on",
            result.Reason ?? "Something could not be prepared.", result.Plan.Problems),
    };

    private static ProblemHttpResult Unsound(IReadOnlyList<ConfigurationProblem> problems, string? reason = null) => Problem(
        StatusCodes.Status422UnprocessableEntity,
        "The configuration is not sound",
        reason ?? $"{problems.Count(each => each.Severity == ProblemSeverity.Error)} mistakes; nothing was changed.",
        problems);

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
