using System.Buffers;
using System.IO.Pipelines;
using ManagedNvmet.Io;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Carries the bytes of one connection, of either role, over a duplex pipe on a shard: the way in for everything that is no plain
/// socket, such as TLS streams, another server's connections, or a pair of pipes in a test.</summary>
/// <remarks>The pipe's own threads only wake the shard; everything else happens on the shard's thread.</remarks>
public sealed partial class PipeTransport : IConnectionTransport, IRoundEndHandler, ITimerHandler
{
    private readonly ShardContext context;
    private readonly Shard shard;
    private readonly IDuplexPipe pipe;
    private readonly ILogger logger;
    private readonly Action<PipeTransport> closed;
    private readonly Action readCompleted;
    private readonly Action flushCompleted;
    private IByteConnection? connection;
    private ValueTask<ReadResult> reading;
    private ValueTask<FlushResult> flushing;
    private bool isReading;
    private bool isFlushing;
    private bool isAtRoundEnd;
    private bool isClosed;
    private long armedAt = long.MaxValue;

    /// <summary>Takes a pipe, both ends of which it completes in the end.</summary>
    /// <param name="context">The shard that the connection will live on.</param>
    /// <param name="pipe">The bytes from the peer and to it.</param>
    /// <param name="closed">Called on the shard's thread when the connection is over.</param>
    /// <param name="logger">For defects of ours only; peers are reported by those above.</param>
    public PipeTransport(ShardContext context, IDuplexPipe pipe, Action<PipeTransport> closed, ILogger logger)
    {
        this.context = context;
        this.pipe = pipe;
        this.closed = closed;
        this.logger = logger;
        shard = context.Shard;
        readCompleted = () => Post(static state => ((PipeTransport)state!).OnReadCompleted(), this);
        flushCompleted = () => Post(static state => ((PipeTransport)state!).OnFlushCompleted(), this);
    }

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
        Wake();
    }

    /// <inheritdoc/>
    public void Post(Action<object?> work, object? state) => _ = shard.TryPost(work, state);

    /// <inheritdoc/>
    public void Wake()
    {
        if (isAtRoundEnd || isClosed)
            return;
        isAtRoundEnd = true;
        shard.AtRoundEnd(this);
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
            if (!connection!.IsFinished)
                Read();
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
        if (connection!.IsFinished)
            Close();
        else
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

    private void Read()
    {
        if (isReading || !connection!.WantsReceive)
            return;
        isReading = true;
        reading = pipe.Input.ReadAsync();
        if (reading.IsCompleted)
            OnReadCompleted();
        else
            reading.GetAwaiter().UnsafeOnCompleted(readCompleted);
    }

    private void OnReadCompleted()
    {
        if (isClosed)
            return;
        isReading = false;
        try
        {
            ReadResult result = reading.GetAwaiter().GetResult();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                connection!.Received(segment.Span);
            pipe.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled)
                connection!.PeerClosed();
        }
        catch (IOException)
        {
            connection!.PeerClosed();
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
        Wake();
    }

    private void Send()
    {
        if (isFlushing || !connection!.WantsTransmit)
            return;
        TransmitBatch batch = context.Batch;
        batch.Clear();
        connection.FillTransmit(batch);
        foreach (ReadOnlyMemory<byte> segment in batch.Segments)
            pipe.Output.Write(segment.Span);
        connection.Transmitted(batch.TotalBytes);

        // One flush at a time: a reader that is slow holds the connection back, as a full socket does.
        isFlushing = true;
        flushing = pipe.Output.FlushAsync();
        if (flushing.IsCompleted)
            OnFlushCompleted();
        else
            flushing.GetAwaiter().UnsafeOnCompleted(flushCompleted);
    }

    private void OnFlushCompleted()
    {
        if (isClosed)
            return;
        isFlushing = false;
        try
        {
            if (flushing.GetAwaiter().GetResult().IsCompleted)
                connection!.PeerClosed();
        }
        catch (IOException)
        {
            connection!.PeerClosed();
        }
        Wake();
    }

    private void Arm()
    {
        long deadline = connection!.Deadline;
        if (deadline >= armedAt)
            return;
        armedAt = deadline;
        shard.ScheduleAt(deadline, this);
    }

    private void Close()
    {
        isClosed = true;
        pipe.Output.Complete();

        // A read that is under way holds the reader; it ends with the cancellation, and the pipe with its writer.
        if (isReading)
            pipe.Input.CancelPendingRead();
        else
            pipe.Input.Complete();
        closed(this);
    }

    private void GiveUp(Exception exception)
    {
        LogDefect(logger, exception);
        connection!.Close(CloseReason.InternalError);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A defect of ours ended a connection over a pipe; all others go on")]
    private static partial void LogDefect(ILogger logger, Exception exception);
}
