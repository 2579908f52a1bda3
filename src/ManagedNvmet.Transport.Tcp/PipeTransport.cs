using System.Buffers;
using System.IO.Pipelines;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Carries the bytes of one connection, of either role, over a duplex pipe on a shard: the way in for everything that is no plain
/// socket, such as TLS streams, another server's connections, or a pair of pipes in a test.</summary>
/// <remarks>The pipe's own threads only wake the shard; everything else happens on the shard's thread.</remarks>
public sealed class PipeTransport : ShardTransport
{
    private readonly IDuplexPipe pipe;
    private readonly Action<PipeTransport> closed;
    private readonly Action readCompleted;
    private readonly Action flushCompleted;
    private ValueTask<ReadResult> reading;
    private ValueTask<FlushResult> flushing;
    private bool isReading;
    private bool isFlushing;

    /// <summary>Takes a pipe, both ends of which it completes in the end.</summary>
    /// <param name="context">The shard that the connection will live on.</param>
    /// <param name="pipe">The bytes from the peer and to it.</param>
    /// <param name="closed">Called on the shard's thread when the connection is over.</param>
    /// <param name="logger">For defects of ours only; peers are reported by those above.</param>
    public PipeTransport(ShardContext context, IDuplexPipe pipe, Action<PipeTransport> closed, ILogger logger)
        : base(context, logger)
    {
        this.pipe = pipe;
        this.closed = closed;
        readCompleted = () => Post(static state => ((PipeTransport)state!).OnReadCompleted(), this);
        flushCompleted = () => Post(static state => ((PipeTransport)state!).OnFlushCompleted(), this);
    }

    /// <inheritdoc/>
    public override string Peer => "a pipe";

    private protected override bool TryExchange()
    {
        Guarded(static transport => ((PipeTransport)transport).Exchange());
        return true;
    }

    private protected override void CloseLink()
    {
        pipe.Output.Complete();

        // A read that is under way holds the reader; it ends with the cancellation.
        if (isReading)
            pipe.Input.CancelPendingRead();
        else
            pipe.Input.Complete();
        closed(this);
    }

    private void Exchange()
    {
        Send();
        if (!Connection!.IsFinished)
            Read();
    }

    private void Read()
    {
        if (isReading || !Connection!.WantsReceive)
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
        isReading = false;
        if (IsClosed)
        {
            pipe.Input.Complete();
            return;
        }
        Guarded(static transport => ((PipeTransport)transport).TakeRead());
        Wake();
    }

    private void TakeRead()
    {
        try
        {
            ReadResult result = reading.GetAwaiter().GetResult();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                Connection!.Received(segment);
            pipe.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled)
                Connection!.PeerClosed();
        }
        catch (IOException)
        {
            Connection!.PeerClosed();
        }
    }

    private void Send()
    {
        if (isFlushing || !Connection!.WantsTransmit)
            return;
        TransmitBatch batch = Context.BatchOf(0);
        batch.Clear();
        Connection.FillTransmit(batch);
        foreach (ReadOnlyMemory<byte> segment in batch.Segments)
            pipe.Output.Write(segment.Span);
        Connection.Transmitted(batch.TotalBytes);

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
        isFlushing = false;
        if (IsClosed)
            return;
        try
        {
            if (flushing.GetAwaiter().GetResult().IsCompleted)
                Connection!.PeerClosed();
        }
        catch (IOException)
        {
            Connection!.PeerClosed();
        }
        Wake();
    }
}
