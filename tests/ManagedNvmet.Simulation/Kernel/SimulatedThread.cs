using ManagedNvmet.Simulation.Network;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Simulation.Kernel;

/// <summary>A simulated thread of the target or of a host, with a loop: posted work, ready connections, timers, end of round. The seed
/// decides the order, the amount of work per round, and the duration of a round.</summary>
internal sealed class SimulatedThread(World world, string name, TestBuffers? buffers = null)
{
    private const int MaxActionsOfRound = 16;

    private readonly Queue<(Action<object?> Work, object? State)> _posted = new();
    private readonly List<SimulatedTransport> _transports = [];
    private readonly List<SimulatedTransport> _roundEnd = [];
    private long _pausedUntil;
    private long _scheduledAt = long.MaxValue;
    private int _generation;

    public string Name { get; } = name;

    public bool IsCurrent => world.Current == this;

    public TestBuffers? Buffers { get; } = buffers;

    /// <summary>True when the process of the thread has crashed.</summary>
    public bool IsDead { get; private set; }

    public bool IsPaused => world.Loop.Now < _pausedUntil;

    public void Post(Action<object?> work, object? state)
    {
        _posted.Enqueue((work, state));
        WakeSoon();
    }

    /// <summary>Runs work on this thread after a delay in µs, or later if the thread is paused.</summary>
    public void After(long delay, Action work) => world.Loop.After(delay, () => Post(static state => ((Action)state!)(), work));

    public void Add(SimulatedTransport transport) => _transports.Add(transport);

    public void Remove(SimulatedTransport transport) => _transports.Remove(transport);

    public void AtRoundEnd(SimulatedTransport transport)
    {
        _roundEnd.Add(transport);
        WakeSoon();
    }

    public void Pause(long microseconds) => _pausedUntil = Math.Max(_pausedUntil, world.Loop.Now + microseconds);

    public void Kill()
    {
        IsDead = true;
        _posted.Clear();
        _roundEnd.Clear();
        _transports.Clear();
    }

    /// <summary>Runs work at once as if on this thread.</summary>
    public void Run(Action work)
    {
        if (IsDead)
            return;
        SimulatedThread? before = world.Current;
        world.Current = this;
        work();
        world.Current = before;
        WakeSoon();
    }

    public void WakeSoon() => Schedule(world.Loop.Now + world.Random.Skewed(1, 100));

    private void Schedule(long time)
    {
        if (IsDead || time >= _scheduledAt)
            return;
        _scheduledAt = time;
        int token = ++_generation;
        world.Loop.At(time, () =>
        {
            if (token == _generation)
                Round();
        });
    }

    private void Round()
    {
        _scheduledAt = long.MaxValue;
        if (IsDead)
            return;
        if (IsPaused)
        {
            Schedule(_pausedUntil);
            return;
        }
        world.Current = this;
        for (int left = world.Random.Between(1, MaxActionsOfRound); left > 0 && !IsDead && DoOne(); left--)
        {
        }
        RunTimers();
        EndRound();
        world.Current = null;
        if (IsDead)
            return;
        if (_posted.Count > 0 || _roundEnd.Count > 0 || HasReady())
        {
            WakeSoon();
            return;
        }
        long next = long.MaxValue;
        foreach (SimulatedTransport transport in _transports)
            next = Math.Min(next, transport.ArmedAt);
        if (next != long.MaxValue)
            Schedule(Math.Max(next * EventLoop.Millisecond, world.Loop.Now + 1));
    }

    private bool DoOne()
    {
        int ready = 0;
        foreach (SimulatedTransport transport in _transports)
        {
            if (transport.IsReady)
                ready++;
        }
        int choices = ready + (_posted.Count > 0 ? 1 : 0);
        if (choices == 0)
            return false;
        int chosen = world.Random.Below(choices);
        if (chosen == ready)
        {
            (Action<object?> work, object? state) = _posted.Dequeue();
            work(state);
            return true;
        }
        foreach (SimulatedTransport transport in _transports)
        {
            if (transport.IsReady && chosen-- == 0)
            {
                transport.OnReady();
                return true;
            }
        }
        return true;
    }

    private void RunTimers()
    {
        foreach (SimulatedTransport transport in _transports.ToArray())
        {
            if (world.Loop.Milliseconds >= transport.ArmedAt)
                transport.OnTimer(world.Loop.Milliseconds);
        }
    }

    private void EndRound()
    {
        if (Buffers is { Waiters: > 0 })
            world.Note(Situation.ConnectionWaitedForBuffer);
        if (Buffers is { CapsuleRented: > 0 })
            world.Note(Situation.CapsuleTookReserve);
        bool buffersFirst = world.Random.Chance(50);
        if (buffersFirst)
            Buffers?.EndRound();
        int count = _roundEnd.Count;
        for (int index = 0; index < count && index < _roundEnd.Count; index++)
            _roundEnd[index].OnRoundEnd();
        _roundEnd.RemoveRange(0, Math.Min(count, _roundEnd.Count));
        if (!buffersFirst && Buffers?.EndRound() == true)
            WakeSoon();
    }

    private bool HasReady()
    {
        foreach (SimulatedTransport transport in _transports)
        {
            if (transport.IsReady)
                return true;
        }
        return false;
    }
}
