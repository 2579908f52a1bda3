using System.Net;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Sending;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Transport of one connection, of the host or the controller role, over a socket on a shard.</summary>
/// <remarks>One receive call takes all available input that fits, and one gathering send call sends the output of a round. Used on the
/// shard's thread only.</remarks>
public sealed class SocketTransport : ShardTransport, IPollHandler, IInputHandler, ISendHandler
{
    // For fewer bytes, a direct receive costs more (a second vector) than the saved copy.
    private const int MinDirectBytes = 4096;

    // While buffers are scarce, receives little at a time, because received data without a buffer must be stored elsewhere.
    private const int ScarceReceiveBytes = 16 * 1024;

    // On a network of 1 500-byte packets the loop would wake up for nearly every packet of a large write. A mark of 32 KiB leaves a few
    // wake-ups a write, and keeps the copy of one part parallel to the arrival of the next. Below 8 KiB the two system calls cost more than
    // the wake-ups.
    private const int MinLowWaterBytes = 8 * 1024;
    private const int MaxLowWaterBytes = 32 * 1024;

    private readonly int _fd;
    private readonly Action<SocketTransport> _closed;
    private bool _isSendBlocked;
    private bool _isPeerGone;
    private int _lowWaterBytes = 1;

    // The batch in transmission, between TakeOutput and OnSent.
    private TransmitBatch? _output;

    /// <summary>Creates the transport of a connected non-blocking socket. The transport owns the socket and closes it.</summary>
    /// <param name="context">The shard that will run the connection.</param>
    /// <param name="fd">File descriptor of the socket.</param>
    /// <param name="closed">Called on the shard's thread when the socket is closed.</param>
    /// <param name="logger">Receives only internal errors; the connection reports errors of the peer.</param>
    public SocketTransport(ShardContext context, int fd, Action<SocketTransport> closed, ILogger logger)
        : base(context, logger)
    {
        _fd = fd;
        _closed = closed;
        LocalEndPoint = SocketCalls.LocalEndPoint(fd);
        RemoteEndPoint = SocketCalls.PeerEndPoint(fd);
        SocketCalls.SetNoDelay(fd);
    }

    /// <summary>Time in milliseconds that the peer has to close its side after this side has ended the connection. 0 closes the socket at
    /// once.</summary>
    public int FarewellMilliseconds { get; init; }

    /// <summary>Local address of the socket.</summary>
    public IPEndPoint? LocalEndPoint { get; }

    /// <summary>Address of the peer.</summary>
    public IPEndPoint? RemoteEndPoint { get; }

    /// <inheritdoc/>
    public override string Peer => RemoteEndPoint?.ToString() ?? "a closed peer";

    /// <inheritdoc/>
    public void OnReady(int readyFd, PollEvents ready)
    {
        if ((ready & PollEvents.Out) != 0)
            _isSendBlocked = false;
        bool hasInput = (ready & (PollEvents.In | PollEvents.HangUp | PollEvents.Error)) != 0;
        bool isGone = (ready & (PollEvents.HangUp | PollEvents.Error)) != 0;
        if (hasInput && Connection!.WantsReceive)
            Guarded(static transport => ((SocketTransport)transport).Receive());
        else if (isGone)
            Guarded(static transport => ((SocketTransport)transport).PeerClosed());
        Wake();
    }

    /// <inheritdoc/>
    public bool TakesReceived =>
        !IsClosed && Connection!.WantsReceive && Connection.DirectReceive.Length < MinDirectBytes && !IsMoving && !Context.IsShortOfBuffers;

    /// <inheritdoc/>
    public void OnReceived(int result, ReadOnlyMemory<byte> received)
    {
        if (IsClosed)
            return;
        try
        {
            TakeReceived(result, directBytes: 0, received);
        }
        catch (Exception exception)
        {
            EndByDefect(exception);
        }
        Wake();
    }

    /// <inheritdoc/>
    public ReadOnlySpan<ReadOnlyMemory<byte>> TakeOutput(int place)
    {
        TransmitBatch batch = Context.BatchOf(place);
        batch.Clear();
        try
        {
            Connection!.FillTransmit(batch);
        }
        catch (Exception exception)
        {
            EndByDefect(exception);
            batch.Clear();
        }
        _output = batch;
        return batch.Segments;
    }

    /// <inheritdoc/>
    public void OnSent(int result)
    {
        Context.SendCount++;
        CountCall(Math.Max(0, result));
        try
        {
            TakeSent(result);
        }
        catch (Exception exception)
        {
            EndByDefect(exception);
        }
        EndTurn();
    }

    private protected override void OnBegun() => Context.Shard.Watch(_fd, PollEvents.In, this);

    private protected override void OnLeaving() => Context.Shard.Unwatch(_fd);

    private protected override bool TryExchange()
    {
        if (_isSendBlocked || !Connection!.WantsTransmit)
            return true;
        Context.Shard.SendAtRoundEnd(_fd, this);
        return false;
    }

    private protected override void OnTurnEnded()
    {
        PollEvents interest = (Connection!.WantsReceive ? PollEvents.In : 0) | (_isSendBlocked ? PollEvents.Out : 0);
        Context.Shard.Rewatch(_fd, interest);
        SetLowWater(Connection.MissingBytes);
    }

    private protected override void CloseLink()
    {
        Context.Shard.Unwatch(_fd);
        SetLowWater(missingBytes: 0);
        if (FarewellMilliseconds > 0 && !_isPeerGone)
        {
            LingeringClose.Begin(Context.Shard, _fd, FarewellMilliseconds, () => _closed(this));
            return;
        }
        SocketCalls.Close(_fd);
        _closed(this);
    }

    private void TakeSent(int result)
    {
        _isSendBlocked = result < _output!.TotalBytes;
        _output.Clear();
        _output = null;
        if (result >= 0)
            Connection!.Transmitted(result);
        else if (result != -Errno.EAGAIN)
            PeerClosed();

        // If there is more to send than a batch holds, requests another turn, so that other connections send first.
        if (!_isSendBlocked && Connection!.WantsTransmit)
            Wake();
    }

    private void PeerClosed()
    {
        _isPeerGone = true;
        Connection!.PeerClosed();
    }

    private void Receive()
    {
        Memory<byte> shared = Context.Shard.ReceiveBuffer;
        if (Context.IsShortOfBuffers)
            shared = shared[..ScarceReceiveBytes];
        Memory<byte> direct = Connection!.DirectReceive;
        bool isDirect = direct.Length >= MinDirectBytes;
        if (IsMoving)
        {
            int limit = ((IMovableConnection)Connection).ReceiveLimit - (isDirect ? direct.Length : 0);
            shared = shared[..Math.Min(shared.Length, limit)];
        }
        int count = isDirect ? SocketCalls.Receive(_fd, direct.Span, shared.Span) : SocketCalls.Receive(_fd, shared.Span, default);
        int directBytes = isDirect ? Math.Clamp(count, 0, direct.Length) : 0;
        TakeReceived(count, directBytes, shared[..Math.Max(0, count - directBytes)]);
    }

    private void TakeReceived(int result, int directBytes, ReadOnlyMemory<byte> received)
    {
        if (result <= 0)
        {
            if (result != -Errno.EAGAIN)
                PeerClosed();
            return;
        }
        Context.ReceiveCount++;
        CountCall(result);
        if (directBytes > 0)
            Connection!.ReceivedDirect(directBytes);
        if (!received.IsEmpty)
            Connection!.Received(received);
    }

    // Lets the kernel report input only when this many bytes of a PDU's data have arrived, because fewer would change nothing. The kernel
    // still reports the end of the stream, an error, and a full receive buffer.
    private void SetLowWater(int missingBytes)
    {
        int bytes = missingBytes < MinLowWaterBytes ? 1 : Math.Min(missingBytes, MaxLowWaterBytes);
        if (bytes == _lowWaterBytes)
            return;

        // Ignores a failure: without the mark, the loop only wakes up more often.
        _lowWaterBytes = bytes;
        SocketCalls.SetReceiveLowWater(_fd, bytes);
    }
}
