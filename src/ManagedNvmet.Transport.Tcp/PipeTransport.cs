using System.Buffers;
using System.IO.Pipelines;
using ManagedNvmet.Protocol.Sending;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Carries the bytes of one connection, of either role, over a duplex pipe on a shard: the way in for everything that is no plain
/// socket, such as TLS streams, another server's connections, or a pair of pipes in a test.</summary>
/// <remarks>The pipe's own threads only wake the shard; everything else happens on the shard's thread.</remarks>
public sealed class PipeTransport : ShardTransport
{
    private readonly IDuplexPipe _pipe;
    private readonly Action<PipeTransport> _closed;
    private readonly Action _readCompleted;
    private readonly Action _flushCompleted;
    private ValueTask<ReadResult> _reading;
    private ValueTask<FlushResult> _flushing;
    private bool _isReading;
    private bool _isFlushing;

    /// <summary>Takes a pipe, both ends of which it completes in the end.</summary>
    /// <param name="context">The shard that the connection will live on.</param>
    /// <param name="pipe">The bytes from the peer and to it.</param>
    /// <param name="closed">Called on the shard's thread when the connection is over.</param>
    /// <param name="logger">For defects of ours only; peers are reported by those above.</param>
    public PipeTransport(ShardContext context, IDuplexPipe pipe, Action<PipeTransport> closed, ILogger logger)
        : base(context, logger)
    {
        _pipe = pipe;
        _closed = closed;
        _readCompleted = () => Post(static state => ((PipeTransport)state!).OnReadCompleted(), this);
        _flushCompleted = () => Post(static state => ((PipeTransport)state!).OnFlushCompleted(), this);
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
        _pipe.Output.Complete();

        // A read that is under way holds the reader; it ends with the cancellation.
        if (_isReading)
            _pipe.Input.CancelPendingRead();
        else
            _pipe.Input.Complete();
        _closed(this);
    }

    private void Exchange()
    {
        Send();
        if (!Connection!.IsFinished)
            Read();
    }

    private void Read()
    {
        if (_isReading || !Connection!.WantsReceive)
            return;
        _isReading = true;
        _reading = _pipe.Input.ReadAsync();
        if (_reading.IsCompleted)
            OnReadCompleted();
        else
            _reading.GetAwaiter().UnsafeOnCompleted(_readCompleted);
    }

    private void OnReadCompleted()
    {
        _isReading = false;
        if (IsClosed)
        {
            _pipe.Input.Complete();
            return;
        }
        Guarded(static transport => ((PipeTransport)transport).TakeRead());
        Wake();
    }

    private void TakeRead()
    {
        try
        {
            ReadResult result = _reading.GetAwaiter().GetResult();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                Connection!.Received(segment);
            _pipe.Input.AdvanceTo(result.Buffer.End);
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
        if (_isFlushing || !Connection!.WantsTransmit)
            return;
        TransmitBatch batch = Context.BatchOf(0);
        batch.Clear();
        Connection.FillTransmit(batch);
        foreach (ReadOnlyMemory<byte> segment in batch.Segments)
            _pipe.Output.Write(segment.Span);
        Connection.Transmitted(batch.TotalBytes);

        // One flush at a time: a reader that is slow holds the connection back, as a full socket does.
        _isFlushing = true;
        _flushing = _pipe.Output.FlushAsync();
        if (_flushing.IsCompleted)
            OnFlushCompleted();
        else
            _flushing.GetAwaiter().UnsafeOnCompleted(_flushCompleted);
    }

    private void OnFlushCompleted()
    {
        _isFlushing = false;
        if (IsClosed)
            return;
        try
        {
            if (_flushing.GetAwaiter().GetResult().IsCompleted)
                Connection!.PeerClosed();
        }
        catch (IOException)
        {
            Connection!.PeerClosed();
        }
        Wake();
    }
}
