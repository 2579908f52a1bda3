using ManagedNvmet.Reports;
using ManagedNvmet.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Hosting;

namespace ManagedNvmet.Management.Api;

/// <summary>PDUs as they come, as a pcapng file.</summary>
internal static class TraceEndpoints
{
    private const string ContentType = "application/x-pcapng";

    public static void Map(IEndpointRouteBuilder routes, ITargetControl control, IHostApplicationLifetime lifetime) =>
        routes.MapGet("/trace", IResult (
                HttpContext context, string? host, string? address, string? subsystem, string? queue, string[]? opcode, long? dataBytes,
                long? maxBytes, double? seconds) =>
            {
                TraceRequest request;
                try
                {
                    request = TraceRequest.Parse(host, address, subsystem, queue, opcode, dataBytes, maxBytes, seconds);
                }
                catch (FormatException exception)
                {
                    return Problems.Wrong(exception.Message);
                }
                return control.StartTrace(request) is { } session ? Stream(context, session, lifetime) : NoTrace();
            })
            .WithSummary("The PDUs of connections as they come, decrypted, as a pcapng file that Wireshark's NVMe/TCP dissector reads")
            .WithDescription(
                "Only what matches every parameter that is given: host (NQN), address (of the host), subsystem (NQN), queue (number, admin or "
                + "io), opcode (names or numbers, repeatable). dataBytes of payload are kept of each PDU, 0 by default. The trace ends after "
                + "seconds, before maxBytes (64 MiB by default), or when the reader goes. What a slow reader misses is counted in interface "
                + $"statistics blocks, one each second. At most {TraceLimits.MaxTraces} traces run at a time.")
            .Produces(StatusCodes.Status200OK, contentType: ContentType)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict);

    private static PushStreamHttpResult Stream(HttpContext context, TraceSession session, IHostApplicationLifetime lifetime)
    {
        // However it comes to its end, the place is free again.
        context.Response.RegisterForDispose(session);

        // A reader that a person has paused is slow, not broken.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Stream(
            async body =>
            {
                try
                {
                    await session.RunAsync(body, lifetime.ApplicationStopping, context.RequestAborted).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
                {
                    // The reader has gone, which is how it usually ends.
                }
            },
            ContentType);
    }

    private static ProblemHttpResult NoTrace() => TypedResults.Problem(
        $"{TraceLimits.MaxTraces} traces run already, which is the most, or the server does not serve yet; end one (Ctrl-C where it runs) and try "
            + "again.",
        statusCode: StatusCodes.Status409Conflict,
        title: "No trace can be started");
}
