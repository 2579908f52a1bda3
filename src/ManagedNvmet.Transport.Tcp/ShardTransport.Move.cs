using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Transport.Tcp;

/// <content>How a connection goes to another shard: it is brought to rest, taken off its shard, and carried on by the other.</content>
public abstract partial class ShardTransport
{
    // Commands that have begun end within a millisecond or a few on most disks. A host waits no longer than this for one whose disk is slow,
    // or whose data does not come; the next attempt may be luckier.
    private const int MoveMilliseconds = 100;

    private static readonly Action<object?> BeginMovePosted = static state =>
    {
        var request = (MoveRequest)state!;
        request.Transport.BeginMove(request);
    };

    private static readonly Action<object?> ArrivePosted = static state => ((ShardTransport)state!).Arrive();

    private MoveRequest? _move;

    // The clocks of two shards are read at different times; that of a connection only moves forward.
    private long _notBefore;

    /// <summary>Called on the new shard when the connection has come to it, with the old one.</summary>
    public Action<ShardContext, ShardContext>? Moved { get; init; }

    /// <summary>Brings the connection to another shard. The host notices nothing but a short pause. From any thread.</summary>
    /// <returns>What became of it, within a second unless the shard has stopped.</returns>
    public Task<MoveOutcome> MoveAsync(ShardContext target)
    {
        var request = new MoveRequest(this, target);
        Post(BeginMovePosted, request);
        return request.Completion;
    }

    /// <summary>It is being brought to rest: no more may be received than <see cref="IMovableConnection.ReceiveLimit"/>.</summary>
    private protected bool IsMoving => _move is not null;

    /// <summary>Lets go of what belongs to the shard. Nothing comes from the link until <see cref="OnBegun"/> is called on the new one.</summary>
    private protected virtual void OnLeaving()
    {
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
        Context.Remove(this);
        _notBefore = Now;

        // From here on neither shard takes the connection for its own; what is posted to it waits in its inbox. What is still on the old
        // shard's lists, a timer or the announcement of posted work, finds that it is gone.
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
        _armedAt = long.MaxValue;
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
