using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ManagedNvmet.Management.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace ManagedNvmet.Management.Api;

/// <summary>Endpoints that stream overviews and log events as server-sent events.</summary>
internal static class LiveEndpoints
{
    private const string ContentType = "text/event-stream";

    private static readonly byte[] EventEnd = "\n\n"u8.ToArray();
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static void Map(
        IEndpointRouteBuilder routes, OverviewMaker overview, EventLog events, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        routes.MapGet("/live", (HttpContext context, CancellationToken _) => SendAsync(
                context, "overview", Overviews(overview, time, ClientGoneOrStopping(context, lifetime)), ManagementJson.Default.Overview))
            .WithSummary("Streams an overview each second, as server-sent events").Produces<Overview>(StatusCodes.Status200OK, ContentType);
        routes.MapGet("/events/live", (HttpContext context, CancellationToken _) => SendAsync(
                context, "event", LogLines(events, ClientGoneOrStopping(context, lifetime)), ManagementJson.Default.EventRecord))
            .WithSummary("Streams the last 100 lines of the log, then each new line, as server-sent events")
            .Produces<EventRecord>(StatusCodes.Status200OK, ContentType);
    }

    // Flushes the response header before the first item is ready, so that the client knows at once that the stream is open.
    private static async Task SendAsync<T>(HttpContext context, string name, IAsyncEnumerable<T> items, JsonTypeInfo<T> type)
    {
        HttpResponse response = context.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-cache";
        byte[] head = Encoding.UTF8.GetBytes($"event: {name}\ndata: ");
        await response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        await foreach (T item in items.ConfigureAwait(false))
        {
            await response.Body.WriteAsync(head, context.RequestAborted).ConfigureAwait(false);
            await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(item, type), context.RequestAborted).ConfigureAwait(false);
            await response.Body.WriteAsync(EventEnd, context.RequestAborted).ConfigureAwait(false);
            await response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
    }

    // The stream has no end of its own. It also ends when the server stops, so that a client cannot delay the stop.
    private static CancellationToken ClientGoneOrStopping(HttpContext context, IHostApplicationLifetime lifetime)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.RegisterForDispose(source);
        return source.Token;
    }

    private static async IAsyncEnumerable<Overview> Overviews(
        OverviewMaker overview, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            yield return overview.Get();
            if (!await CompletesAsync(Task.Delay(Interval, time, cancellationToken)).ConfigureAwait(false))
                yield break;
        }
    }

    private static async IAsyncEnumerable<EventRecord> LogLines(
        EventLog events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int backlog = 100;
        long number = events.Last(backlog) is [.., { } oldest] ? oldest.Number - 1 : 0;
        while (true)
        {
            foreach (EventRecord record in events.After(number))
            {
                number = record.Number;
                yield return record;
            }
            if (!await CompletesAsync(events.WaitAfterAsync(number, cancellationToken)).ConfigureAwait(false))
                yield break;
        }
    }

    // Returns false when the task was cancelled.
    private static async Task<bool> CompletesAsync(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
