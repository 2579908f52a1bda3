using System.IO.Pipelines;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>Accepts the connections that a program passes as pairs of pipes.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="connections">Admits the connections and places them on shards.</param>
/// <param name="logger">Receives internal errors.</param>
internal sealed class PipeConnections(ListenerConnections connections, ILogger logger)
{
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _isStopping;

    /// <summary>The number of open connections.</summary>
    public int Count => connections.Count;

    /// <summary>Serves a connection until it is closed. Completes both pipes, also when the connection is refused.</summary>
    /// <returns>Completes when the connection is closed.</returns>
    public async Task AcceptAsync(IDuplexPipe pipe, PipeConnectionOptions options, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationTokenRegistration registration = default;
        bool isAdmitted = !_isStopping && connections.TryAdd(options.LocalEndPoint, options.RemoteEndPoint, (context, closed) =>
        {
            var transport = new PipeTransport(
                context,
                pipe,
                over =>
                {
                    registration.Dispose();
                    closed(over);
                    ended.SetResult();
                },
                logger)
            {
                RemoteEndPoint = options.RemoteEndPoint,
                FarewellMilliseconds = options.FarewellMilliseconds,
            };

            // A token that is already cancelled closes the connection as soon as it has begun.
            registration = cancellationToken.UnsafeRegister(static state => ((PipeTransport)state!).Close(), transport);
            return transport;
        });
        if (isAdmitted)
        {
            await Task.WhenAny(ended.Task, _abandoned.Task).ConfigureAwait(false);
            return;
        }
        await pipe.Output.CompleteAsync().ConfigureAwait(false);
        await pipe.Input.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>Refuses later connections.</summary>
    public void StopAccepting() => _isStopping = true;

    /// <summary>Waits until no connection is open or the wait is cancelled, and then ends each <see cref="AcceptAsync"/>, also those of
    /// open connections.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connections.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Commands that do not end keep connections open. They end with the shards.
        }
        _abandoned.TrySetResult();
    }
}
