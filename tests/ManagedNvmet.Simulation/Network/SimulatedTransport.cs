using System.Diagnostics;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Network;

/// <summary>Transport of one end of a link. Like the socket transport, it checks what the connection wants at the end of a round, after the
/// connection has requested a turn.</summary>
internal sealed class SimulatedTransport : IConnectionTransport
{
    private const int MaxBatchesPerRound = 4;
    private const int ReceiveBytes = 64 * 1024;
    private const long MoveMilliseconds = 100;

    private readonly World _world;
    private readonly Link _link;
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;
    private readonly Queue<(Action<object?> Work, object? State)> _inbox = new();
    private IByteConnection? _connection;
    private SimulatedThread? _movingTo;
    private long _moveDeadline;
    private bool _isOnItsWay;
    private bool _isReadWanted;
    private bool _isSendBlocked;
    private bool _isAtRoundEnd;
    private bool _isResetSeen;

    public SimulatedTransport(World world, SimulatedThread thread, Link link, bool isHost)
    {
        _world = world;
        _link = link;
        Thread = thread;
        _incoming = isHost ? link.ToHost : link.ToTarget;
        _outgoing = isHost ? link.ToTarget : link.ToHost;
        _incoming.Receiver = this;
        _outgoing.Sender = this;
    }

    public SimulatedThread Thread { get; private set; }

    public bool IsClosed { get; private set; }

    public bool IsCurrentThread => Thread.IsCurrent && !_isOnItsWay;

    public long Now => _world.Loop.Milliseconds;

    public long RoundTicks => _world.Loop.Now * Stopwatch.Frequency / EventLoop.Second;

    public long ArmedAt { get; private set; } = long.MaxValue;

    public Action? Closed { get; set; }

    /// <summary>True when the loop has an event for the connection.</summary>
    public bool IsReady => !IsClosed && _connection is not null
        && (_isResetSeen || (_isReadWanted && _incoming.IsReadable) || (_isSendBlocked && _outgoing.HasRoom));

    /// <summary>Attaches a connection. Runs on the simulated thread.</summary>
    public void Begin(IByteConnection carried)
    {
        _connection = carried;
        _isReadWanted = true;
        Thread.Add(this);
        Wake();
    }

    public long ReadTicks() => RoundTicks;

    public void Post(Action<object?> work, object? state)
    {
        _inbox.Enqueue((work, state));
        if (!_isOnItsWay)
            Announce(Thread);
    }

    /// <summary>Moves the connection to another thread of its target, as the socket transport does.</summary>
    public void Move(SimulatedThread thread) => Post(_ => BeginMove(thread), null);

    public void Wake()
    {
        if (_isAtRoundEnd || IsClosed)
            return;
        _isAtRoundEnd = true;
        Thread.AtRoundEnd(this);
    }

    /// <summary>Called when bytes, room or the end of the stream have become available.</summary>
    public void NoteChange()
    {
        if (IsReady)
            Thread.WakeSoon();
    }

    public void NoteReset()
    {
        _isResetSeen = true;
        if (!IsClosed)
            Thread.WakeSoon();
    }

    public void OnReady()
    {
        if (_isSendBlocked && _outgoing.HasRoom)
            _isSendBlocked = false;
        if (_isResetSeen)
            _connection!.PeerClosed();
        else if (_isReadWanted && _incoming.IsReadable)
            Receive();
        Wake();
    }

    public void OnTimer(long now)
    {
        ArmedAt = long.MaxValue;
        if (IsClosed)
            return;
        if (now >= _connection!.Deadline)
            _connection.OnTimer(now);
        Wake();
    }

    public void OnRoundEnd()
    {
        _isAtRoundEnd = false;
        if (IsClosed || _connection is null)
            return;
        Send();
        if (_connection.IsFinished)
        {
            Close();
            return;
        }
        if (_movingTo is not null && TryLeave())
            return;
        _isReadWanted = _connection.WantsReceive;
        _incoming.SetLowWater(_connection.MissingBytes);
        long deadline = Math.Min(_connection.Deadline, _movingTo is null ? long.MaxValue : _moveDeadline);
        if (deadline < ArmedAt)
            ArmedAt = deadline;
    }

    private void Receive()
    {
        if (_incoming.ArrivedBytes == 0)
        {
            _connection!.PeerClosed();
            return;
        }
        Memory<byte> direct = _connection!.DirectReceive;
        int directBytes = direct.IsEmpty ? 0 : _incoming.ReceiveSize(direct.Length);
        if (directBytes > 0 && _world.Random.Chance(70))
        {
            _incoming.Read(direct.Span[..directBytes]);
            _connection.ReceivedDirect(directBytes);
            if (_world.Random.Chance(50) || _incoming.ArrivedBytes == 0)
                return;
        }
        int limit = _connection is IMovableConnection movable ? movable.ReceiveLimit : int.MaxValue;
        if (limit == 0)
            return;
        Memory<byte> bytes = _world.ReceiveBuffer.AsMemory(0, Math.Min(_incoming.ReceiveSize(ReceiveBytes), limit));
        _incoming.Read(bytes.Span);
        _connection.Received(bytes);

        // Overwrites the received bytes, because the connection may use them only until its method returns.
        bytes.Span.Fill(0xCC);
    }

    private void Send()
    {
        for (int batches = 0; _connection!.WantsTransmit && !_isSendBlocked; batches++)
        {
            if (batches == MaxBatchesPerRound)
            {
                Wake();
                return;
            }
            if (_isResetSeen)
            {
                _connection.PeerClosed();
                return;
            }
            TransmitBatch batch = _world.Batch;
            batch.Clear();
            _connection.FillTransmit(batch);
            int sent = _outgoing.Send(batch.Segments, batch.TotalBytes);
            _isSendBlocked = sent < batch.TotalBytes;
            if (sent > 0)
                _connection.Transmitted(sent);
        }
    }

    private void Announce(SimulatedThread thread) => thread.Post(_ =>
    {
        // Does nothing if the connection has left this thread: its present thread runs the work of the inbox.
        if (Thread == thread && !_isOnItsWay && _inbox.TryDequeue(out (Action<object?> Work, object? State) next))
            next.Work(next.State);
    }, null);

    private void BeginMove(SimulatedThread thread)
    {
        if (IsClosed || _movingTo is not null || thread == Thread || _connection is not IMovableConnection movable || !movable.TryPause())
            return;
        _movingTo = thread;
        _moveDeadline = Now + MoveMilliseconds;
    }

    private bool TryLeave()
    {
        var movable = (IMovableConnection)_connection!;
        if (movable.IsQuiet && !_isAtRoundEnd)
        {
            _isOnItsWay = true;
            Thread.Remove(this);
            _movingTo!.Post(_ => Arrive(), null);
            return true;
        }
        if (movable.IsPaused && Now < _moveDeadline)
            return false;
        _movingTo = null;
        if (movable.IsPaused)
        {
            movable.Resume(Thread.Buffers!);
            _world.Note(Situation.ConnectionStayed);
        }
        return false;
    }

    private void Arrive()
    {
        _world.Note(Situation.ConnectionMoved);
        Thread = _movingTo!;
        _movingTo = null;
        _isOnItsWay = false;
        ArmedAt = long.MaxValue;
        _isReadWanted = true;
        Thread.Add(this);
        ((IMovableConnection)_connection!).Resume(Thread.Buffers!);
        while (_inbox.TryDequeue(out (Action<object?> Work, object? State) next))
            next.Work(next.State);
        Wake();
    }

    private void Close()
    {
        IsClosed = true;
        Thread.Remove(this);
        _world.Trace.Add("link {0}: closed by {1}", _link.Id, _outgoing == _link.ToTarget ? 0 : 1);

        // The operating system resets a connection that is closed while it has unread bytes.
        if (_incoming.ArrivedBytes > 0)
            _link.Reset();
        else
            _outgoing.Finish();
        Closed?.Invoke();
    }
}
