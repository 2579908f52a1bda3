using System.Diagnostics;
using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Testing;

/// <summary>A transport without a network: its owner moves the bytes. Posted work waits until <see cref="RunPosted"/>. </summary>
public sealed class TestTransport(TestClock clock) : IConnectionTransport
{
    private readonly Queue<(Action<object?> Work, object? State)> _posted = new();

    public bool IsCurrentThread => true;

    public long Now => clock.Now;

    public long RoundTicks => clock.Now * Stopwatch.Frequency / 1000;

    public int Wakes { get; private set; }

    public long ReadTicks() => RoundTicks;

    public void Wake() => Wakes++;

    public void Post(Action<object?> work, object? state) => _posted.Enqueue((work, state));

    /// <summary>Runs posted work, including work posted meanwhile. Returns false when there was none.</summary>
    public bool RunPosted()
    {
        bool hadWork = _posted.Count > 0;
        while (_posted.TryDequeue(out (Action<object?> Work, object? State) next))
            next.Work(next.State);
        return hadWork;
    }
}
