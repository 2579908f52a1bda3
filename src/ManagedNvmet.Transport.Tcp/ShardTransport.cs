using System.Diagnostics;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>What every carrier of a connection on a shard has in common: turns at the end of rounds, deadlines, and what happens when one of
/// our own defects shows.</summary>
/// <remarks>Belongs to the shard's thread, but for <see cref="Post"/> and <see cref="MoveAsync"/>. Which shard that is may change.</remarks>
public abstract partial class ShardTransport : IConnectionTransport, IRoundEndHandler, ITimerHandler
{
    // What was measured on one machine, rounded: a system call, a command, and the bytes that are copied and checked in the same time.
    private const int WorkOfCall = 2;
    private const int WorkOfCommand = 2;
    private const int BytesOfWork = 8 * 1024;

    private static readonly Action<object?> RunInbox = static state => ((ShardTransport)state!).OnAnnounced();

    private readonly ILogger _logger;
    private readonly TransportInbox _inbox = new();

    // Null while the connection is on its way from one shard to another.
    private volatile Shard? _shard;
    private long _work;
    private bool _isAtRoundEnd;
    private long _armedAt = long.MaxValue;

    private protected ShardTransport(ShardContext context, ILogger logger)
    {
        Context = context;
        _logger = logger;
        _shard = context.Shard;
    }

    /// <summary>The connection that is carried, once begun.</summary>
    public IByteConnection? Connection { get; private set; }

    /// <inheritdoc/>
    public bool IsCurrentThread => _shard is { IsCurrentThread: true };

    /// <inheritdoc/>
    public long Now => Math.Max(_notBefore, _shard?.Now ?? Environment.TickCount64);

    /// <inheritdoc/>
    public long RoundTicks => _shard?.RoundTicks ?? ReadTicks();

    /// <inheritdoc/>
    public long ReadTicks() => Stopwatch.GetTimestamp();

    /// <summary>Work that the connection has caused so far, in units of about a microsecond: good for comparing connections of a shard. From
    /// any thread.</summary>
    public long Work => Volatile.Read(ref _work) + (Connection is IMovableConnection movable ? movable.CommandCount * WorkOfCommand : 0);

    /// <summary>Who the peer is, for the log.</summary>
    public abstract string Peer { get; }

    private protected ShardContext Context { get; private set; }

    /// <summary>The link to the peer is closed; nothing happens any more.</summary>
    private protected bool IsClosed { get; private set; }

    /// <summary>Begins to carry a connection. On the shard's thread.</summary>
    public void Begin(IByteConnection carried)
    {
        Connection = carried;
        Context.Add(this);
        OnBegun();
        Wake();
    }

    /// <inheritdoc/>
    public void Post(Action<object?> action, object? state)
    {
        // A shard that has stopped runs nothing any more, and its connections are gone: nobody waits for this. One that the connection comes
        // to looks into the inbox by itself.
        if (_inbox.Add(action, state))
            _ = _shard?.TryPost(RunInbox, this);
    }

    /// <inheritdoc/>
    public void Wake()
    {
        if (_isAtRoundEnd || IsClosed)
            return;
        _isAtRoundEnd = true;
        _shard!.AtRoundEnd(this);
    }

    /// <inheritdoc/>
    public void OnRoundEnd()
    {
        _isAtRoundEnd = false;
        if (IsClosed)
            return;
        if (TryExchange())
            EndTurn();
    }

    /// <summary>What comes after the bytes were moved.</summary>
    private protected void EndTurn()
    {
        if (Connection!.IsFinished)
        {
            IsClosed = true;
            EndMove(MoveOutcome.NotMovable);
            Context.Remove(this);
            CloseLink();
            return;
        }
        if (_move is { } request && IsReadyToLeave(request))
        {
            Leave(request);
            return;
        }
        OnTurnEnded();
        long deadline = Math.Min(Connection.Deadline, _move?.Deadline ?? long.MaxValue);
        if (deadline >= _armedAt)
            return;
        _armedAt = deadline;
        _shard!.ScheduleAt(deadline, this);
    }

    /// <inheritdoc/>
    public void OnTimer(long now)
    {
        // There is no taking back of timers: a shard that the connection has left still calls, as does one that it has come back to.
        if (!IsCurrentThread || now < _armedAt)
            return;
        _armedAt = long.MaxValue;
        if (IsClosed)
            return;
        Guarded(static transport =>
        {
            if (transport.Now >= transport.Connection!.Deadline)
                transport.Connection.OnTimer(transport.Now);
        });
        Wake();
    }

    /// <summary>Runs something that calls the connection. A defect of ours ends this connection and no other.</summary>
    private protected void Guarded(Action<ShardTransport> action)
    {
        try
        {
            action(this);
        }
        catch (Exception exception)
        {
            EndByDefect(exception);
        }
    }

    /// <summary>Ends the connection, which a defect of ours has hit.</summary>
    private protected void EndByDefect(Exception exception)
    {
        LogDefect(_logger, exception, Peer);
        Connection!.Close(CloseReason.InternalError);
    }

    /// <summary>A call that moved bytes for this connection.</summary>
    private protected void CountCall(int bytes) => Volatile.Write(ref _work, _work + WorkOfCall + bytes / BytesOfWork);

    /// <summary>The connection is there, or has come to another shard: bytes may come.</summary>
    private protected virtual void OnBegun()
    {
    }

    /// <summary>Moves bytes, once a round. False when they are still to be moved: <see cref="EndTurn"/> is called then, in this round.</summary>
    private protected abstract bool TryExchange();

    /// <summary>The connection goes on; what it is interested in may have changed.</summary>
    private protected virtual void OnTurnEnded()
    {
    }

    /// <summary>Closes the link to the peer.</summary>
    private protected abstract void CloseLink();

    private void OnAnnounced()
    {
        if (IsCurrentThread)
            RunPosted();
    }

    private void RunPosted()
    {
        Span<TransportInbox.Work> posted = _inbox.TakeAll();
        for (int index = 0; index < posted.Length; index++)
        {
            TransportInbox.Work item = posted[index];
            posted[index] = default;
            try
            {
                item.Action(item.State);
            }
            catch (Exception exception)
            {
                LogDefect(_logger, exception, Peer);
                Connection?.Close(CloseReason.InternalError);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A defect of ours ended the connection from {Peer}; all others go on")]
    private static partial void LogDefect(ILogger logger, Exception exception, string peer);
}
