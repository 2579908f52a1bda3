using System.Diagnostics;
using ManagedNvmet.Io;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>What every carrier of a connection on a shard has in common: turns at the end of rounds, deadlines, and what happens when one of
/// our own defects shows.</summary>
/// <remarks>Belongs to the shard's thread, but for <see cref="Post"/>.</remarks>
public abstract partial class ShardTransport : IConnectionTransport, IRoundEndHandler, ITimerHandler
{
    private readonly Shard shard;
    private readonly ILogger logger;
    private bool isAtRoundEnd;
    private long armedAt = long.MaxValue;

    private protected ShardTransport(ShardContext context, ILogger logger)
    {
        Context = context;
        this.logger = logger;
        shard = context.Shard;
    }

    /// <summary>The connection that is carried, once begun.</summary>
    public IByteConnection? Connection { get; private set; }

    /// <inheritdoc/>
    public bool IsCurrentThread => shard.IsCurrentThread;

    /// <inheritdoc/>
    public long Now => shard.Now;

    /// <inheritdoc/>
    public long RoundTicks => shard.RoundTicks;

    /// <inheritdoc/>
    public long ReadTicks() => Stopwatch.GetTimestamp();

    private protected ShardContext Context { get; }

    /// <summary>The link to the peer is closed; nothing happens any more.</summary>
    private protected bool IsClosed { get; private set; }

    /// <summary>Begins to carry a connection. On the shard's thread.</summary>
    public void Begin(IByteConnection carried)
    {
        Connection = carried;
        OnBegun();
        Wake();
    }

    /// <inheritdoc/>
    public void Post(Action<object?> work, object? state)
    {
        // A shard that has stopped runs nothing any more, and its connections are gone: nobody waits for this.
        _ = shard.TryPost(work, state);
    }

    /// <inheritdoc/>
    public void Wake()
    {
        if (isAtRoundEnd || IsClosed)
            return;
        isAtRoundEnd = true;
        shard.AtRoundEnd(this);
    }

    /// <inheritdoc/>
    public void OnRoundEnd()
    {
        isAtRoundEnd = false;
        if (IsClosed)
            return;
        Guarded(static transport => transport.Exchange());
        if (Connection!.IsFinished)
        {
            IsClosed = true;
            CloseLink();
            return;
        }
        OnTurnEnded();
        long deadline = Connection.Deadline;
        if (deadline >= armedAt)
            return;
        armedAt = deadline;
        shard.ScheduleAt(deadline, this);
    }

    /// <inheritdoc/>
    public void OnTimer(long now)
    {
        armedAt = long.MaxValue;
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
            LogDefect(logger, exception, Peer);
            Connection!.Close(CloseReason.InternalError);
        }
    }

    /// <summary>Who the peer is, for the log.</summary>
    private protected abstract string Peer { get; }

    /// <summary>The connection is there: bytes may come.</summary>
    private protected virtual void OnBegun()
    {
    }

    /// <summary>Moves bytes, once a round.</summary>
    private protected abstract void Exchange();

    /// <summary>The connection goes on; what it is interested in may have changed.</summary>
    private protected virtual void OnTurnEnded()
    {
    }

    /// <summary>Closes the link to the peer.</summary>
    private protected abstract void CloseLink();

    [LoggerMessage(Level = LogLevel.Error, Message = "A defect of ours ended the connection from {Peer}; all others go on")]
    private static partial void LogDefect(ILogger logger, Exception exception, string peer);
}
