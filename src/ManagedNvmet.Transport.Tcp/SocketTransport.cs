using System.Net;
using ManagedNvmet.Io;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Carries the bytes of one connection, of either role, over a socket on a shard.</summary>
/// <remarks>Receives as much as there is in one call and sends a round's output in one gather call. Belongs to the shard's thread.</remarks>
public sealed partial class SocketTransport : IConnectionTransport, IPollHandler, IRoundEndHandler, ITimerHandler
{
    // Below this a direct receive saves no copy worth its second vector.
    private const int MinDirectBytes = 4096;

    // With buffers scarce, what is read beyond the next command has to be kept aside.
    private const int ScarceReceiveBytes = 16 * 1024;

    // A connection with more to send than this many batches lets the others have their turn first.
    private const int MaxBatchesPerRound = 4;

    private readonly ShardContext context;
    private readonly Shard shard;
    private readonly int fd;
    private readonly ILogger logger;
    private readonly Action<SocketTransport> closed;
    private IByteConnection? connection;
    private bool isAtRoundEnd;
    private bool isSendBlocked;
    private bool isClosed;
    private long armedAt = long.MaxValue;

    /// <summary>Takes a connected non-blocking socket, which it closes in the end.</summary>
    /// <param name="context">The shard that the connection will live on.</param>
    /// <param name="fd">The socket.</param>
    /// <param name="closed">Called on the shard's thread when the socket has been closed.</param>
    /// <param name="logger">For defects of ours only; peers are reported by those above.</param>
    public SocketTransport(ShardContext context, int fd, Action<SocketTransport> closed, ILogger logger)
    {
        this.context = context;
        this.fd = fd;
        this.closed = closed;
        this.logger = logger;
        shard = context.Shard;
        LocalEndPoint = SocketCalls.LocalEndPoint(fd);
        RemoteEndPoint = SocketCalls.PeerEndPoint(fd);
        SocketCalls.SetNoDelay(fd);
    }

    /// <summary>The address on this side.</summary>
    public IPEndPoint? LocalEndPoint { get; }

    /// <summary>The address of the peer.</summary>
    public IPEndPoint? RemoteEndPoint { get; }

    /// <summary>The connection that is carried, once begun.</summary>
    public IByteConnection? Connection => connection;

    /// <inheritdoc/>
    public bool IsCurrentThread => shard.IsCurrentThread;

    /// <inheritdoc/>
    public long Now => shard.Now;

    /// <summary>Begins to carry a connection. On the shard's thread.</summary>
    public void Begin(IByteConnection carried)
    {
        connection = carried;
        shard.Watch(fd, PollEvents.In, this);
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
        if (isAtRoundEnd || isClosed)
            return;
        isAtRoundEnd = true;
        shard.AtRoundEnd(this);
    }

    /// <inheritdoc/>
    public void OnReady(int readyFd, PollEvents ready)
    {
        try
        {
            if ((ready & PollEvents.Out) != 0)
                isSendBlocked = false;
            if (connection!.WantsReceive)
            {
                if ((ready & (PollEvents.In | PollEvents.HangUp | PollEvents.Error)) != 0)
                    Receive();
            }
            else if ((ready & (PollEvents.HangUp | PollEvents.Error)) != 0)
            {
                connection.PeerClosed();
            }
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
        Wake();
    }

    /// <inheritdoc/>
    public void OnRoundEnd()
    {
        isAtRoundEnd = false;
        if (isClosed)
            return;
        try
        {
            Send();
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
        if (connection!.IsFinished)
        {
            CloseSocket();
            return;
        }
        PollEvents interest = (connection.WantsReceive ? PollEvents.In : 0) | (isSendBlocked ? PollEvents.Out : 0);
        shard.Rewatch(fd, interest);
        Arm();
    }

    /// <inheritdoc/>
    public void OnTimer(long now)
    {
        armedAt = long.MaxValue;
        if (isClosed)
            return;
        try
        {
            if (now >= connection!.Deadline)
                connection.OnTimer(now);
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
        Wake();
    }

    private void Receive()
    {
        Span<byte> shared = shard.ReceiveBuffer.Span;
        if (context.IsShortOfBuffers)
            shared = shared[..ScarceReceiveBytes];
        Memory<byte> direct = connection!.DirectReceive;
        bool isDirect = direct.Length >= MinDirectBytes;
        int count = isDirect ? SocketCalls.Receive(fd, direct.Span, shared) : SocketCalls.Receive(fd, shared, default);
        if (count <= 0)
        {
            if (count != -Errno.EAGAIN)
                connection.PeerClosed();
            return;
        }
        context.ReceiveCount++;
        if (isDirect)
        {
            int first = Math.Min(count, direct.Length);
            connection.ReceivedDirect(first);
            count -= first;
        }
        if (count > 0)
            connection.Received(shared[..count]);
    }

    private void Send()
    {
        TransmitBatch batch = context.Batch;
        for (int batches = 0; connection!.WantsTransmit && !isSendBlocked; batches++)
        {
            if (batches == MaxBatchesPerRound)
            {
                Wake();
                return;
            }
            batch.Clear();
            connection.FillTransmit(batch);
            int sent = SocketCalls.Send(fd, batch.Segments);
            context.SendCount++;
            if (sent < 0)
            {
                if (sent == -Errno.EAGAIN)
                    isSendBlocked = true;
                else
                    connection.PeerClosed();
                return;
            }
            isSendBlocked = sent < batch.TotalBytes;
            connection.Transmitted(sent);
        }
    }

    private void Arm()
    {
        long deadline = connection!.Deadline;
        if (deadline >= armedAt)
            return;
        armedAt = deadline;
        shard.ScheduleAt(deadline, this);
    }

    private void CloseSocket()
    {
        isClosed = true;
        shard.Unwatch(fd);
        SocketCalls.Close(fd);
        closed(this);
    }

    private void GiveUp(Exception exception)
    {
        LogDefect(logger, exception, RemoteEndPoint);
        connection!.Close(CloseReason.InternalError);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A defect of ours ended the connection from {Peer}; all others go on")]
    private static partial void LogDefect(ILogger logger, Exception exception, IPEndPoint? peer);
}
