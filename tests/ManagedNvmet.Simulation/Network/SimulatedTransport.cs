using System.Diagnostics;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Network;

/// <summary>One end of a link, in the manner of the socket transport: what the connection wants is looked at when it has woken us, at the
/// end of a round, and not before.</summary>
internal sealed class SimulatedTransport : IConnectionTransport
{
    private const int MaxBatchesPerRound = 4;
    private const int ReceiveBytes = 64 * 1024;
    private const long MoveMilliseconds = 100;

    private readonly World world;
    private readonly Link link;
    private readonly Pipe incoming;
    private readonly Pipe outgoing;
    private readonly Queue<(Action<object?> Work, object? State)> inbox = new();
    private IByteConnection? connection;
    private SimulatedThread? movingTo;
    private long moveDeadline;
    private bool isOnItsWay;
    private bool isReadWanted;
    private bool isSendBlocked;
    private bool isAtRoundEnd;
    private bool isResetSeen;

    public SimulatedTransport(World world, SimulatedThread thread, Link link, bool isHost)
    {
        this.world = world;
        this.link = link;
        Thread = thread;
        incoming = isHost ? link.ToHost : link.ToTarget;
        outgoing = isHost ? link.ToTarget : link.ToHost;
        incoming.Receiver = this;
        outgoing.Sender = this;
    }

    public SimulatedThread Thread { get; private set; }

    public bool IsClosed { get; private set; }

    public bool IsCurrentThread => Thread.IsCurrent && !isOnItsWay;

    public long Now => world.Loop.Milliseconds;

    public long RoundTicks => world.Loop.Now * Stopwatch.Frequency / EventLoop.Second;

    public long ArmedAt { get; private set; } = long.MaxValue;

    public Action? Closed { get; set; }

    /// <summary>The loop has something to tell the connection.</summary>
    public bool IsReady => !IsClosed && connection is not null
        && (isResetSeen || (isReadWanted && (incoming.ArrivedBytes > 0 || incoming.IsEnded)) || (isSendBlocked && outgoing.HasRoom));

    /// <summary>Begins to carry a connection. On the thread.</summary>
    public void Begin(IByteConnection carried)
    {
        connection = carried;
        isReadWanted = true;
        Thread.Add(this);
        Wake();
    }

    public long ReadTicks() => RoundTicks;

    public void Post(Action<object?> work, object? state)
    {
        inbox.Enqueue((work, state));
        if (!isOnItsWay)
            Announce(Thread);
    }

    /// <summary>Brings the connection to another thread of its target, in the manner of the socket transport.</summary>
    public void Move(SimulatedThread thread) => Post(_ => BeginMove(thread), null);

    public void Wake()
    {
        if (isAtRoundEnd || IsClosed)
            return;
        isAtRoundEnd = true;
        Thread.AtRoundEnd(this);
    }

    /// <summary>Bytes, room or the end of the stream have come.</summary>
    public void NoteChange()
    {
        if (IsReady)
            Thread.WakeSoon();
    }

    public void NoteReset()
    {
        isResetSeen = true;
        if (!IsClosed)
            Thread.WakeSoon();
    }

    public void OnReady()
    {
        if (isSendBlocked && outgoing.HasRoom)
            isSendBlocked = false;
        if (isResetSeen)
            connection!.PeerClosed();
        else if (isReadWanted && (incoming.ArrivedBytes > 0 || incoming.IsEnded))
            Receive();
        Wake();
    }

    public void OnTimer(long now)
    {
        ArmedAt = long.MaxValue;
        if (IsClosed)
            return;
        if (now >= connection!.Deadline)
            connection.OnTimer(now);
        Wake();
    }

    public void OnRoundEnd()
    {
        isAtRoundEnd = false;
        if (IsClosed || connection is null)
            return;
        Send();
        if (connection.IsFinished)
        {
            Close();
            return;
        }
        if (movingTo is not null && TryLeave())
            return;
        isReadWanted = connection.WantsReceive;
        long deadline = Math.Min(connection.Deadline, movingTo is null ? long.MaxValue : moveDeadline);
        if (deadline < ArmedAt)
            ArmedAt = deadline;
    }

    private void Receive()
    {
        if (incoming.ArrivedBytes == 0)
        {
            connection!.PeerClosed();
            return;
        }
        Memory<byte> direct = connection!.DirectReceive;
        int directBytes = direct.IsEmpty ? 0 : incoming.ReceiveSize(direct.Length);
        directBytes -= directBytes % connection.DirectUnit;
        if (directBytes > 0 && world.Random.Chance(70))
        {
            incoming.Read(direct.Span[..directBytes]);
            connection.ReceivedDirect(directBytes);
            if (world.Random.Chance(50) || incoming.ArrivedBytes == 0)
                return;
        }
        int limit = connection is IMovableConnection movable ? movable.ReceiveLimit : int.MaxValue;
        if (limit == 0)
            return;
        Memory<byte> bytes = world.ReceiveBuffer.AsMemory(0, Math.Min(incoming.ReceiveSize(ReceiveBytes), limit));
        incoming.Read(bytes.Span);
        connection.Received(bytes);

        // What was received belongs to the connection only until it returns.
        bytes.Span.Fill(0xCC);
    }

    private void Send()
    {
        for (int batches = 0; connection!.WantsTransmit && !isSendBlocked; batches++)
        {
            if (batches == MaxBatchesPerRound)
            {
                Wake();
                return;
            }
            if (isResetSeen)
            {
                connection.PeerClosed();
                return;
            }
            TransmitBatch batch = world.Batch;
            batch.Clear();
            connection.FillTransmit(batch);
            int sent = outgoing.Send(batch.Segments, batch.TotalBytes);
            isSendBlocked = sent < batch.TotalBytes;
            if (sent > 0)
                connection.Transmitted(sent);
        }
    }

    private void Announce(SimulatedThread thread) => thread.Post(_ =>
    {
        // What was announced to a thread that the connection has left has been run by the next.
        if (Thread == thread && !isOnItsWay && inbox.TryDequeue(out (Action<object?> Work, object? State) next))
            next.Work(next.State);
    }, null);

    private void BeginMove(SimulatedThread thread)
    {
        if (IsClosed || movingTo is not null || thread == Thread || connection is not IMovableConnection movable || !movable.TryPause())
            return;
        movingTo = thread;
        moveDeadline = Now + MoveMilliseconds;
    }

    private bool TryLeave()
    {
        var movable = (IMovableConnection)connection!;
        if (movable.IsQuiet && !isAtRoundEnd)
        {
            isOnItsWay = true;
            Thread.Remove(this);
            movingTo!.Post(_ => Arrive(), null);
            return true;
        }
        if (movable.IsPaused && Now < moveDeadline)
            return false;
        movingTo = null;
        if (movable.IsPaused)
        {
            movable.Resume(Thread.Buffers!);
            world.Note(Situation.ConnectionStayed);
        }
        return false;
    }

    private void Arrive()
    {
        world.Note(Situation.ConnectionMoved);
        Thread = movingTo!;
        movingTo = null;
        isOnItsWay = false;
        ArmedAt = long.MaxValue;
        isReadWanted = true;
        Thread.Add(this);
        ((IMovableConnection)connection!).Resume(Thread.Buffers!);
        while (inbox.TryDequeue(out (Action<object?> Work, object? State) next))
            next.Work(next.State);
        Wake();
    }

    private void Close()
    {
        IsClosed = true;
        Thread.Remove(this);
        world.Trace.Add("link {0}: closed by {1}", link.Id, outgoing == link.ToTarget ? 0 : 1);

        // An operating system resets a connection that is closed with bytes unread.
        if (incoming.ArrivedBytes > 0)
            link.Reset();
        else
            outgoing.Finish();
        Closed?.Invoke();
    }
}
