using System.IO.Pipelines;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>The connections that a program hands to a server as pairs of pipes.</summary>
/// <remarks>From any thread.</remarks>
/// <param name="connections">Admits the connections and places them on shards.</param>
/// <param name="logger">For internal errors only.</param>
internal sealed class PipeConnections(ListenerConnections connections, ILogger logger)
{
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _isStopping;

    /// <summary>Connections at the moment.</summary>
    public int Count => connections.Count;

    /// <summary>Serves one connection. Both pipes are completed in the end, also when the connection is refused.</summary>
    /// <returns>Ends when the connection is over.</returns>
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

            // A token that is cancelled already closes the connection when it has begun.
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

    /// <summary>From now on connections are refused.</summary>
    public void StopAccepting() => _isStopping = true;

    /// <summary>Waits until no connection is open any more. Each <see cref="AcceptAsync"/> has ended then, also of a connection that is
    /// still open when the waiting is cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connections.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A command that hangs holds them. They end with the shards.
        }
        _abandoned.TrySetResult();
    }
}
