using System.Diagnostics;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Base class of the transports of connections on a shard. It runs the turns at the end of rounds and the deadlines, moves
/// connections between shards, and ends a connection after an internal error.</summary>
/// <remarks>Only the thread of the present shard may use it, except for <see cref="Post"/> and <see cref="MoveAsync"/>. A move changes the
/// shard.</remarks>
public abstract partial class ShardTransport : IConnectionTransport, IRoundEndHandler, ITimerHandler
{
    // Rounded measurements on one machine, in µs: a system call, a command, and the bytes that are copied and checked in the same time.
    private const int WorkOfCall = 2;
    private const int WorkOfCommand = 2;
    private const int BytesOfWork = 8 * 1024;

    // Outstanding commands end within a few milliseconds on most disks. The limit bounds the pause of a host whose disk is slow or whose
    // data is missing; a later attempt can succeed.
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

    // Null while the connection moves from one shard to another.
    private volatile Shard? _shard;
    private long _work;
    private bool _isAtRoundEnd;
    private MoveRequest? _move;

    // The time of a connection must not go back, but shards read their clocks at different times.
    private long _notBefore;

    private protected ShardTransport(ShardContext context, ILogger logger)
    {
        Context = context;
        _logger = logger;
        _shard = context.Shard;
        _inbox = new PostQueue(AnnounceInbox, isArmed: true);
        _timer = new ShardTimer(this);
    }

    /// <summary>The connection; null before <see cref="Begin"/>.</summary>
    public IByteConnection? Connection { get; private set; }

    /// <inheritdoc/>
    public bool IsCurrentThread => _shard is { IsCurrentThread: true };

    /// <inheritdoc/>
    public long Now => Math.Max(_notBefore, _shard?.Now ?? Environment.TickCount64);

    /// <inheritdoc/>
    public long RoundTicks => _shard?.RoundTicks ?? ReadTicks();

    /// <inheritdoc/>
    public long ReadTicks() => Stopwatch.GetTimestamp();

    /// <summary>The work of the connection so far, in units of about a microsecond, for a comparison of the connections of a shard.
    /// Thread-safe.</summary>
    public long Work => Volatile.Read(ref _work) + (Connection is IMovableConnection movable ? movable.CommandCount * WorkOfCommand : 0);

    /// <summary>Called on the new shard after a move, with the old and the new shard.</summary>
    public Action<ShardContext, ShardContext>? Moved { get; set; }

    /// <summary>Moves the connection to another shard. The host only notices a short pause. Thread-safe.</summary>
    /// <returns>The outcome, within a second unless the shard has stopped.</returns>
    public Task<MoveOutcome> MoveAsync(ShardContext target)
    {
        var request = new MoveRequest(this, target);
        Post(BeginMovePosted, request);
        return request.Completion;
    }

    /// <summary>Names the peer for the log.</summary>
    public abstract string Peer { get; }

    private protected ShardContext Context { get; private set; }

    /// <summary>True when the link to the peer is closed.</summary>
    private protected bool IsClosed { get; private set; }

    /// <summary>Starts the transport of a connection. On the shard's thread.</summary>
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

    /// <summary>Ends a turn: closes a finished connection, hands over a moving one, or sets the timer again.</summary>
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

    /// <summary>Runs an action that calls the connection. An internal error in it ends only this connection.</summary>
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

    /// <summary>Ends the connection after an internal error.</summary>
    private protected void EndByDefect(Exception exception)
    {
        LogDefect(_logger, exception, Peer);
        Connection!.Close(CloseReason.InternalError);
    }

    /// <summary>Adds the work of a system call that transferred bytes.</summary>
    private protected void CountCall(int bytes) => Volatile.Write(ref _work, _work + WorkOfCall + bytes / BytesOfWork);

    /// <summary>Called when the connection starts or arrives on another shard, from where it must receive input.</summary>
    private protected virtual void OnBegun()
    {
    }

    /// <summary>True while the connection prepares a move. It may then receive at most <see cref="IMovableConnection.ReceiveLimit"/>
    /// bytes.</summary>
    private protected bool IsMoving => _move is not null;

    /// <summary>Releases the resources of the shard. The transport must not receive until <see cref="OnBegun"/> is called on the new
    /// shard.</summary>
    private protected virtual void OnLeaving()
    {
    }

    /// <summary>Transfers bytes, once a round. Returns false when the transfer follows later in this round; the transport then calls
    /// <see cref="EndTurn"/>.</summary>
    private protected abstract bool TryExchange();

    /// <summary>Called at the end of a turn when the connection stays open. Its interest in input or output can have changed.</summary>
    private protected virtual void OnTurnEnded()
    {
    }

    /// <summary>Closes the link to the peer.</summary>
    private protected abstract void CloseLink();

    // A stopped shard runs no work, because its connections are closed. During a move there is no shard; the new shard runs the inbox on
    // arrival.
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
        if (IsClosed || _move is not null || request.Target == Context
            || Connection is not IMovableConnection movable || !movable.TryPause())
        {
            request.End(MoveOutcome.NotMovable);
            return;
        }
        request.Deadline = Now + MoveMilliseconds;
        _move = request;
    }

    /// <summary>Returns true at the end of a round when the connection is quiet and can leave the shard.</summary>
    private bool IsReadyToLeave(MoveRequest request)
    {
        var movable = (IMovableConnection)Connection!;
        if (!movable.IsPaused)
        {
            // The connection is ending.
            EndMove(MoveOutcome.NotMovable);
            return false;
        }

        // A turn that is scheduled for the end of the next round must still run on this shard.
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

        // From here on the connection belongs to no shard, and posted work waits in its inbox. Work that the old shard still runs does
        // nothing.
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
