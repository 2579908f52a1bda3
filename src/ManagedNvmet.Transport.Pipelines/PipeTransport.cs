using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>Carries the bytes of one connection, of either role, over a pair of pipes on a shard.</summary>
/// <remarks>The threads that complete a read or a flush only post to the shard; everything else happens on the shard's thread. One read and
/// one flush are under way at a time, so the pipes' own thresholds bound what a peer can make this connection hold.</remarks>
internal sealed class PipeTransport : ShardTransport
{
    /// <summary>Most bytes that the connection takes in one piece. It may have to keep that much aside while it has no buffer.</summary>
    private const int PieceBytes = 64 * 1024;

    /// <summary>The same while buffers are scarce.</summary>
    private const int ScarcePieceBytes = 16 * 1024;

    /// <summary>Most bytes that one flush carries.</summary>
    private const int FlushBytes = 256 * 1024;

    private static readonly Action<object?> CloseCarried =
        static state => ((PipeTransport)state!).Connection!.Close(CloseReason.AssociationEnded);

    private readonly IDuplexPipe _pipe;
    private readonly Action<PipeTransport> _closed;
    private readonly Action _readCompleted;
    private readonly Action _flushCompleted;
    private ValueTask<ReadResult> _read;
    private ValueTask<FlushResult> _flush;
    private ShardTimer? _farewell;
    private bool _isReading;
    private bool _isFlushing;
    private bool _isPeerGone;
    private bool _isInputDone;
    private bool _isOutputDone;

    // The farewell is over: what is under way is cancelled.
    private bool _isGivenUp;

    /// <summary>Takes a pair of pipes, both of which it completes in the end.</summary>
    /// <param name="context">The shard that the connection will live on.</param>
    /// <param name="pipe">The bytes from the peer and to it.</param>
    /// <param name="closed">Called on the shard's thread when both pipes are completed.</param>
    /// <param name="logger">For internal errors only.</param>
    public PipeTransport(ShardContext context, IDuplexPipe pipe, Action<PipeTransport> closed, ILogger logger)
        : base(context, logger)
    {
        _pipe = pipe;
        _closed = closed;
        _readCompleted = () => Post(static state => ((PipeTransport)state!).OnReadCompleted(), this);
        _flushCompleted = () => Post(static state => ((PipeTransport)state!).OnFlushCompleted(), this);
    }

    /// <summary>Milliseconds that the peer may take to close its side when this one ends the connection; 0 completes the pipes at
    /// once.</summary>
    public int FarewellMilliseconds { get; init; }

    /// <summary>The address of the peer, if it has one.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <inheritdoc/>
    public override string Peer => RemoteEndPoint?.ToString() ?? "a pipe";

    /// <summary>Most bytes that the connection is given next.</summary>
    private int MostBytes
    {
        get
        {
            int most = Context.IsShortOfBuffers ? ScarcePieceBytes : PieceBytes;
            return IsMoving ? Math.Min(most, ((IMovableConnection)Connection!).ReceiveLimit) : most;
        }
    }

    /// <summary>Ends the connection, which has begun or is about to. From any thread.</summary>
    public void Close() => Post(CloseCarried, this);

    private protected override bool TryExchange()
    {
        Guarded(static transport => ((PipeTransport)transport).Exchange());
        return true;
    }

    private protected override void CloseLink()
    {
        if (!_isFlushing)
            CompleteOutput();
        if (_isPeerGone || FarewellMilliseconds == 0)
        {
            GiveUp();
            return;
        }

        // The peer reads the end of the stream behind what was sent, and closes its side. What it still sends is dropped.
        _farewell = new ShardTimer(new FarewellTimer(this));
        Context.Shard.Schedule(_farewell, Context.Shard.Now + FarewellMilliseconds);
        BeginRead();
    }

    private void Exchange()
    {
        Send();
        if (Connection!.WantsReceive)
            BeginRead();
    }

    private void BeginRead()
    {
        if (_isReading || _isInputDone)
            return;
        _isReading = true;
        try
        {
            _read = _pipe.Input.ReadAsync();
        }
        catch (Exception exception)
        {
            _read = ValueTask.FromException<ReadResult>(exception);
        }
        if (_read.IsCompleted)
            OnReadCompleted();
        else
            _read.GetAwaiter().UnsafeOnCompleted(_readCompleted);
    }

    private void OnReadCompleted()
    {
        _isReading = false;
        bool isEnd = !TryTakeRead(out ReadResult result);
        if (!IsClosed)
        {
            try
            {
                if (isEnd)
                    PeerClosed();
                else
                    Take(result);
            }
            catch (Exception exception)
            {
                EndByDefect(exception);
            }
            Wake();
            return;
        }
        if (!isEnd)
        {
            _pipe.Input.AdvanceTo(result.Buffer.End);
            isEnd = result.IsCompleted;
        }
        if (isEnd || _isGivenUp)
        {
            CompleteInput();
            GiveUp();
            return;
        }

        // In another round, so that a host that sends on and on does not keep the others waiting.
        Post(static state => ((PipeTransport)state!).BeginRead(), this);
    }

    /// <summary>A pipe fails with whatever its owner throws; each of that means that nothing comes any more.</summary>
    private bool TryTakeRead(out ReadResult result)
    {
        try
        {
            result = _read.GetAwaiter().GetResult();
            return true;
        }
        catch (Exception)
        {
            result = default;
            return false;
        }
    }

    private void Take(in ReadResult result)
    {
        ReadOnlySequence<byte> buffer = result.Buffer;
        long taken = 0;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            int offset = 0;
            while (offset < segment.Length && Connection!.WantsReceive)
            {
                int length = Math.Min(segment.Length - offset, MostBytes);
                Connection.Received(segment.Slice(offset, length));
                offset += length;
            }
            taken += offset;
            if (offset < segment.Length)
                break;
        }

        // What is left is read again, at once, when the connection wants it.
        _pipe.Input.AdvanceTo(buffer.GetPosition(taken));
        if (taken > 0)
        {
            Context.ReceiveCount++;
            CountCall((int)Math.Min(taken, int.MaxValue));
        }
        if (result.IsCompleted && taken == buffer.Length)
            PeerClosed();
    }

    private void Send()
    {
        if (_isFlushing || !Connection!.WantsTransmit)
            return;
        TransmitBatch batch = Context.BatchOf(0);
        batch.Clear();
        Connection.FillTransmit(batch);
        int written = 0;
        foreach (ReadOnlyMemory<byte> segment in batch.Segments)
        {
            int length = Math.Min(segment.Length, FlushBytes - written);
            _pipe.Output.Write(segment.Span[..length]);
            written += length;
            if (written == FlushBytes)
                break;
        }
        batch.Clear();
        Connection.Transmitted(written);
        Context.SendCount++;
        CountCall(written);

        // One flush at a time: a peer that reads slowly holds the connection back, as a full socket does.
        _isFlushing = true;
        _flush = _pipe.Output.FlushAsync();
        if (!_flush.IsCompleted)
        {
            _flush.GetAwaiter().UnsafeOnCompleted(_flushCompleted);
            return;
        }
        _isFlushing = false;
        if (!TryTakeFlush())
            PeerClosed();
        else if (Connection.WantsTransmit)
            Wake();
    }

    private void OnFlushCompleted()
    {
        _isFlushing = false;
        bool isPeerThere = TryTakeFlush();
        if (IsClosed)
        {
            CompleteOutput();
            TryEnd();
            return;
        }
        if (!isPeerThere)
            Guarded(static transport => ((PipeTransport)transport).PeerClosed());
        Wake();
    }

    private bool TryTakeFlush()
    {
        try
        {
            return !_flush.GetAwaiter().GetResult().IsCompleted;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private void PeerClosed()
    {
        _isPeerGone = true;
        Connection!.PeerClosed();
    }

    private void GiveUp()
    {
        _isGivenUp = true;
        if (_isFlushing)
            _pipe.Output.CancelPendingFlush();
        if (_isReading)
            _pipe.Input.CancelPendingRead();
        else
            CompleteInput();
        TryEnd();
    }

    private void CompleteInput()
    {
        if (_isInputDone)
            return;
        _isInputDone = true;
        _pipe.Input.Complete();
    }

    private void CompleteOutput()
    {
        if (_isOutputDone)
            return;
        _isOutputDone = true;
        _pipe.Output.Complete();
    }

    private void TryEnd()
    {
        if (!_isInputDone || !_isOutputDone)
            return;
        if (_farewell is not null)
            Context.Shard.Cancel(_farewell);
        _closed(this);
    }

    private sealed class FarewellTimer(PipeTransport transport) : ITimerHandler
    {
        public void OnTimer(long now) => transport.GiveUp();
    }
}
