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

    // Commands that have begun end within a millisecond or a few on most disks. A host waits no longer than this for one whose disk is slow,
    // or whose data does not come; the next attempt may be luckier.
    private const int MoveMilliseconds = 100;

    private static readonly Action<object?> BeginMovePosted = static state =>
    {
        var request = (MoveRequest)state!;
        request.Transport.BeginMove(request);
    };

    private static readonly Action<object?> ArrivePosted = static state => ((ShardTransport)state!).Arrive();

    private static readonly Action<object?> RunInbox = static state => ((ShardTransport)state!).OnAnnounced();

    private readonly ILogger _logger;
    private readonly PostQueue _inbox;
    private readonly ShardTimer _timer;

    // Null while the connection is on its way from one shard to another.
    private volatile Shard? _shard;
    private long _work;
    private bool _isAtRoundEnd;
    private MoveRequest? _move;

    // The clocks of two shards are read at different times; that of a connection only moves forward.
    private long _notBefore;

    private protected ShardTransport(ShardContext context, ILogger logger)
    {
        Context = context;
        _logger = logger;
        _shard = context.Shard;
        _inbox = new PostQueue(AnnounceInbox, isArmed: true);
        _timer = new ShardTimer(this);
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

    /// <summary>Called on the new shard when the connection has come to it, with the old shard and the new one.</summary>
    public Action<ShardContext, ShardContext>? Moved { get; set; }

    /// <summary>Brings the connection to another shard. The host notices nothing but a short pause. From any thread.</summary>
    /// <returns>What became of it, within a second unless the shard has stopped.</returns>
    public Task<MoveOutcome> MoveAsync(ShardContext target)
    {
        var request = new MoveRequest(this, target);
        Post(BeginMovePosted, request);
        return request.Completion;
    }

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
    public void Post(Action<object?> action, object? state) => _inbox.TryPost(action, state);

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
            _shard!.Cancel(_timer);
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
        if (deadline < _timer.Due)
            _shard!.Schedule(_timer, deadline);
    }

    /// <inheritdoc/>
    public void OnTimer(long now)
    {
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

    /// <summary>It is being brought to rest: no more may be received than <see cref="IMovableConnection.ReceiveLimit"/>.</summary>
    private protected bool IsMoving => _move is not null;

    /// <summary>Lets go of what belongs to the shard. Nothing comes from the link until <see cref="OnBegun"/> is called on the new one.</summary>
    private protected virtual void OnLeaving()
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

    // A stopped shard runs nothing any more; its connections are gone. While the connection moves there is no shard: the new one runs the
    // inbox on arrival.
    private void AnnounceInbox() => _ = _shard?.TryPost(RunInbox, this);

    private void OnAnnounced()
    {
        if (IsCurrentThread)
            RunPosted();
    }

    private void RunPosted()
    {
        Span<PostedWork> posted = _inbox.TakeAll();
        if (!_inbox.TryArm())
            AnnounceInbox();
        for (int index = 0; index < posted.Length; index++)
        {
            PostedWork item = posted[index];
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

    private void BeginMove(MoveRequest request)
    {
        if (IsClosed || _move is not null || request.Target == Context || Connection is not IMovableConnection movable || !movable.TryPause())
        {
            request.End(MoveOutcome.NotMovable);
            return;
        }
        request.Deadline = Now + MoveMilliseconds;
        _move = request;
    }

    /// <summary>At the end of a round: true when the connection has come to rest and is to leave.</summary>
    private bool IsReadyToLeave(MoveRequest request)
    {
        var movable = (IMovableConnection)Connection!;
        if (!movable.IsPaused)
        {
            // It is coming to its end.
            EndMove(MoveOutcome.NotMovable);
            return false;
        }

        // A turn that was asked for at the end of the next round belongs to this shard.
        if (movable.IsQuiet && !_isAtRoundEnd)
            return true;
        if (Now >= request.Deadline)
        {
            EndMove(MoveOutcome.NeverQuiet);
            Guarded(static transport => ((IMovableConnection)transport.Connection!).Resume(transport.Context.Buffers));
        }
        return false;
    }

    private void Leave(MoveRequest request)
    {
        OnLeaving();
        _shard!.Cancel(_timer);
        Context.Remove(this);
        _notBefore = Now;

        // From here on the connection belongs to neither shard; what is posted to it waits in its inbox. An announcement that the old shard
        // still runs finds that the connection is gone.
        _shard = null;
        if (!request.Target.Shard.TryPost(ArrivePosted, this))
            Settle(Context, MoveOutcome.NotMovable);
    }

    private void Arrive()
    {
        ShardContext before = Context;
        Context = _move!.Target;
        Moved?.Invoke(before, Context);
        Settle(Context, MoveOutcome.Moved);
    }

    private void Settle(ShardContext context, MoveOutcome outcome)
    {
        _shard = context.Shard;
        context.Add(this);
        EndMove(outcome);
        Guarded(static transport =>
        {
            transport.OnBegun();
            ((IMovableConnection)transport.Connection!).Resume(transport.Context.Buffers);
        });
        RunPosted();
        Wake();
    }

    private void EndMove(MoveOutcome outcome)
    {
        MoveRequest? ended = _move;
        _move = null;
        ended?.End(outcome);
    }
}
