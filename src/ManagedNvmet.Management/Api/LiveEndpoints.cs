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

/// <summary>What is sent as it happens (server-sent events).</summary>
internal static class LiveEndpoints
{
    private const string ContentType = "text/event-stream";

    private static readonly byte[] End = "\n\n"u8.ToArray();
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static void Map(
        IEndpointRouteBuilder routes, OverviewMaker overview, EventLog events, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        routes.MapGet("/live", (HttpContext context, CancellationToken _) => SendAsync(
                context, "overview", Overviews(overview, time, Linked(context, lifetime)), ManagementJson.Default.Overview))
            .WithSummary("An overview each second, as server-sent events").Produces<Overview>(StatusCodes.Status200OK, ContentType);
        routes.MapGet("/events/live", (HttpContext context, CancellationToken _) => SendAsync(
                context, "event", Lines(events, Linked(context, lifetime)), ManagementJson.Default.EventRecord))
            .WithSummary("The lines of the log as they come, as server-sent events, the last hundred first")
            .Produces<EventRecord>(StatusCodes.Status200OK, ContentType);
    }

    // The reader gets the head at once, however long the first event takes.
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
            await response.Body.WriteAsync(End, context.RequestAborted).ConfigureAwait(false);
            await response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
    }

    // The reader may stay for ever; the server does not wait for it when it stops.
    private static CancellationToken Linked(HttpContext context, IHostApplicationLifetime lifetime)
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
            if (!await IsUndisturbed(Task.Delay(Interval, time, cancellationToken)).ConfigureAwait(false))
                yield break;
        }
    }

    private static async IAsyncEnumerable<EventRecord> Lines(EventLog events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int before = 100;
        long number = events.Last(before) is [.., { } oldest] ? oldest.Number - 1 : 0;
        while (true)
        {
            foreach (EventRecord record in events.After(number))
            {
                number = record.Number;
                yield return record;
            }
            if (!await IsUndisturbed(events.WaitAfterAsync(number, cancellationToken)).ConfigureAwait(false))
                yield break;
        }
    }

    private static async Task<bool> IsUndisturbed(Task task)
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
