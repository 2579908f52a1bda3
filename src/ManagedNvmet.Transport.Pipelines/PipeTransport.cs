using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>Transport of one connection, of the host or the controller role, over a pair of pipes on a shard.</summary>
/// <remarks>Threads that complete a read or a flush only post to the shard; all other work runs on the shard's thread. At most one read and
/// one flush are in progress, so the thresholds of the pipes bound the memory of a connection.</remarks>
internal sealed class PipeTransport : ShardTransport
{
    /// <summary>The largest piece that the connection receives at once, in bytes. The connection must copy it when it has no
    /// buffer.</summary>
    private const int PieceBytes = 64 * 1024;

    /// <summary>The largest piece while connections wait for buffers, in bytes.</summary>
    private const int ScarcePieceBytes = 16 * 1024;

    /// <summary>The largest number of bytes of a flush.</summary>
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

    // True when the peer did not close its side in time, so that the pending read and flush are cancelled.
    private bool _isGivenUp;

    /// <summary>Creates the transport of a pair of pipes, which it completes at its end.</summary>
    /// <param name="context">The shard of the connection.</param>
    /// <param name="pipe">The pipes from and to the peer.</param>
    /// <param name="closed">Called on the shard's thread when both pipes are completed.</param>
    /// <param name="logger">Receives internal errors.</param>
    public PipeTransport(ShardContext context, IDuplexPipe pipe, Action<PipeTransport> closed, ILogger logger)
        : base(context, logger)
    {
        _pipe = pipe;
        _closed = closed;
        _readCompleted = () => Post(static state => ((PipeTransport)state!).OnReadCompleted(), this);
        _flushCompleted = () => Post(static state => ((PipeTransport)state!).OnFlushCompleted(), this);
    }

    /// <summary>The time in which the peer can close its side after this side has ended the connection, in milliseconds; 0 completes the
    /// pipes at once.</summary>
    public int FarewellMilliseconds { get; init; }

    /// <summary>The address of the peer, or null.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <inheritdoc/>
    public override string Peer => RemoteEndPoint?.ToString() ?? "a pipe";

    /// <summary>The largest number of bytes that the connection receives next.</summary>
    private int MostBytes
    {
        get
        {
            int most = Context.IsShortOfBuffers ? ScarcePieceBytes : PieceBytes;
            return IsMoving ? Math.Min(most, ((IMovableConnection)Connection!).ReceiveLimit) : most;
        }
    }

    /// <summary>Ends the connection, also one that has not begun yet. Thread-safe.</summary>
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

        // The peer reads the end of the stream after the sent bytes, and closes its side. The transport drops all later input.
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

        // Reads in another round, so that a host that sends continuously does not delay the others.
        Post(static state => ((PipeTransport)state!).BeginRead(), this);
    }

    /// <summary>Returns false when there is no more input. A pipe fails with any exception of its owner, and all of them mean
    /// that.</summary>
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

        // The next read returns the remaining bytes at once, when the connection wants them.
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

        // Allows one flush at a time, so that a slow peer stops the output as a full socket does.
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
