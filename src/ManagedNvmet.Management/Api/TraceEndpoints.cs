using ManagedNvmet.Reports;
using ManagedNvmet.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Hosting;

namespace ManagedNvmet.Management.Api;

/// <summary>Endpoint that streams the PDUs of connections as a pcapng file.</summary>
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
                    return Problems.InvalidParameter(exception.Message);
                }
                return control.StartTrace(request) is { } session ? Stream(context, session, lifetime) : NoTrace();
            })
            .WithSummary("Streams the decrypted PDUs of connections as a pcapng file that Wireshark's NVMe/TCP dissector reads")
            .WithDescription(
                "The trace contains the PDUs that match all given parameters: host (NQN), address (of the host), subsystem (NQN), queue "
                + "(number, admin or io), opcode (names or numbers, repeatable). dataBytes is the number of payload bytes to keep of each "
                + "PDU, 0 by default. The trace ends after the given seconds, before it exceeds maxBytes (64 MiB by default), or when the "
                + "client closes the connection. If the client reads too slowly, PDUs are dropped; an interface statistics block counts "
                + $"them each second. At most {TraceLimits.MaxTraces} traces run at a time.")
            .Produces(StatusCodes.Status200OK, contentType: ContentType)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict);

    private static PushStreamHttpResult Stream(HttpContext context, TraceSession session, IHostApplicationLifetime lifetime)
    {
        // Ends the trace with the response, however that ends, so that another trace can start.
        context.Response.RegisterForDispose(session);

        // Disables Kestrel's minimum data rate: a viewer that its user has paused reads nothing, and the response must survive that.
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
                catch (Exception exception) when (exception is OperationCanceledException or IOException
                    && context.RequestAborted.IsCancellationRequested)
                {
                    // The client closed the connection. That is the usual end of a trace.
                }
            },
            ContentType);
    }

    private static ProblemHttpResult NoTrace() => TypedResults.Problem(
        $"The server is still starting, or {TraceLimits.MaxTraces} traces, the maximum, are running; end one (Ctrl-C where it runs) and "
            + "try again.",
        statusCode: StatusCodes.Status409Conflict,
        title: "No trace can be started");
}
