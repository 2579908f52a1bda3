using System.Collections.Concurrent;
using System.Net;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Sockets;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Host;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Initiator;

/// <summary>A queue pair of a host: one connection on a shard. Any thread may submit commands and await their completion.</summary>
public sealed class InitiatorQueue : IPollHandler
{
    // Path related status 3/70: Internal Path Error of the host.
    private static readonly NvmeStatus HostPathError = new((3 << 9) | (0x70 << 1));
    private static readonly Action<object?> SubmitPosted = static state => ((PooledCommand)state!).Submit();

    private readonly ConcurrentBag<PooledCommand> _pool = [];

    // Commands that wait for room in the queue. Used on the shard's thread only.
    private readonly Queue<HostCommand> _waiting = new();

    private readonly ShardContext _context;
    private readonly HostConnectionOptions _options;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HostConnection? _connection;
    private int _fd;

    private InitiatorQueue(ShardContext context, HostConnectionOptions options)
    {
        _context = context;
        _options = options;
    }

    /// <summary>The connection. Use it on the shard's thread only.</summary>
    /// <exception cref="InvalidOperationException">The queue is not connected yet.</exception>
    public HostConnection Connection => _connection ?? throw new InvalidOperationException("The queue is not connected.");

    /// <summary>The shard that runs the queue.</summary>
    public ShardContext Context => _context;

    /// <summary>Completes with the reason when the connection has closed.</summary>
    public Task<CloseReason> Closed => _closed.Task;

    /// <summary>Opens a TCP connection and performs the NVMe/TCP handshake (ICReq, ICResp).</summary>
    /// <exception cref="InitiatorException">The connection failed, or the target did not complete the handshake in time.</exception>
    public static async Task<InitiatorQueue> OpenAsync(
        ShardContext context, IPEndPoint endPoint, HostConnectionOptions options, CancellationToken cancellationToken = default)
    {
        var queue = new InitiatorQueue(context, options);
        int fd = SocketCalls.BeginConnect(endPoint);
        if (fd < 0)
            throw new InitiatorException($"{endPoint} cannot be reached (errno {-fd}).");
        queue._fd = fd;
        context.Shard.Post(static state => ((InitiatorQueue)state!).WatchConnect(), queue);
        try
        {
            await queue._ready.Task
                .WaitAsync(TimeSpan.FromMilliseconds(options.HandshakeMilliseconds), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            queue.Close();
            if (exception is OperationCanceledException)
                throw;
            throw new InitiatorException($"{endPoint} did not complete the handshake within {options.HandshakeMilliseconds} ms.");
        }
        return queue;
    }

    /// <summary>Submits a command. When the queue is full, the command waits and is submitted in order.</summary>
    /// <param name="entry">The command. The queue fills in command identifier and SGL.</param>
    /// <param name="data">Pinned memory: the data to send, or exactly the room for the data to receive.</param>
    /// <returns>Completes when the command completes. A failed command does not throw; see <see cref="CommandResult.Status"/>.</returns>
    public ValueTask<CommandResult> SubmitAsync(in SubmissionEntry entry, Memory<byte> data = default)
    {
        if (!_pool.TryTake(out PooledCommand? command))
            command = new PooledCommand(this);
        command.Entry = entry;
        command.Data = data;
        ValueTask<CommandResult> task = command.Task;
        if (_context.Shard.IsCurrentThread)
            Submit(command);
        else if (!_context.Shard.TryPost(SubmitPosted, command))
            command.Fail(HostPathError);
        return task;
    }

    /// <summary>Closes the connection. Outstanding commands complete with Internal Path Error. May be called from any thread.</summary>
    public void Close() => _context.Shard.TryPost(static state => ((InitiatorQueue)state!).CloseNow(), this);

    void IPollHandler.OnReady(int readyFd, PollEvents events)
    {
        _context.Shard.Unwatch(_fd);
        int error = SocketCalls.TakeError(_fd);
        if (error != 0)
        {
            SocketCalls.Close(_fd);
            _fd = -1;
            _ready.TrySetException(new InitiatorException($"The connection was refused or lost (errno {error})."));
            _closed.TrySetResult(CloseReason.PeerClosed);
            return;
        }
        CongestionControl.Choose(_fd, name: null);
        var transport = new SocketTransport(_context, _fd, _ => { }, NullLogger.Instance);
        _connection = new HostConnection(transport, _options, transport.Now)
        {
            OnReady = () => _ready.TrySetResult(),
            OnClosed = OnClosed,
        };
        transport.Begin(_connection);
    }

    internal void Return(PooledCommand command) => _pool.Add(command);

    /// <summary>Submits a command, or queues it until the queue has room. Runs on the shard's thread.</summary>
    internal void Submit(HostCommand command)
    {
        if (_connection is null || _closed.Task.IsCompleted)
        {
            (command as PooledCommand)?.Fail(HostPathError);
            return;
        }
        if (_waiting.Count > 0 || !_connection.TrySubmit(command))
            _waiting.Enqueue(command);
    }

    /// <summary>Submits waiting commands while the queue has room. Called after each completion, on the shard's thread.</summary>
    internal void SubmitWaiting()
    {
        while (_waiting.TryPeek(out HostCommand? next) && _connection!.TrySubmit(next))
            _waiting.Dequeue();
    }

    private void WatchConnect() => _context.Shard.Watch(_fd, PollEvents.Out, this);

    private void CloseNow()
    {
        if (_connection is not null)
        {
            _connection.Close(CloseReason.AssociationEnded);
            return;
        }
        if (_fd < 0)
            return;
        _context.Shard.Unwatch(_fd);
        SocketCalls.Close(_fd);
        _fd = -1;
        _closed.TrySetResult(CloseReason.AssociationEnded);
    }

    private void OnClosed(CloseReason reason)
    {
        _closed.TrySetResult(reason);
        _ready.TrySetException(new InitiatorException($"The connection closed during the handshake: {reason}, {_connection!.Error}."));
        while (_waiting.TryDequeue(out HostCommand? command))
            (command as PooledCommand)?.Fail(HostPathError);
    }
}
