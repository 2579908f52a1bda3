namespace ManagedNvmet.Conformance;

/// <summary>A whole target on the script's own thread and time.</summary>
public sealed class MemoryLink : IConformanceLink
{
    private readonly TestTarget target = new();

    public bool HasOwnTime => true;

    public bool HasTarget => true;

    public string SubsystemNqn => TestTarget.SubsystemNqn;

    public IConformanceConnection Open(byte hpda) => new MemoryConnection(target.Open(hpda), target.Settle);

    public void Advance(TimeSpan time) => target.Advance((long)time.TotalMilliseconds);

    public IReadOnlyList<string> FindLeaks() => target.CloseAndFindLeaks();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The engine alone, behind it a handler that accepts everything.</summary>
public sealed class EngineLink : IConformanceLink
{
    private readonly TestClock clock = new();
    private readonly TestBuffers buffers = new(ioBuffers: 16, inCapsuleReserve: 4);
    private readonly List<ControllerHarness> connections = [];

    public bool HasOwnTime => true;

    public bool HasTarget => false;

    public string SubsystemNqn => TestTarget.SubsystemNqn;

    public IConformanceConnection Open(byte hpda)
    {
        var connection = new ControllerHarness(buffers: buffers, hpda: hpda, clock: clock);
        connections.Add(connection);
        return new MemoryConnection(connection, () => connection.Settle());
    }

    public void Advance(TimeSpan time)
    {
        clock.Advance((long)time.TotalMilliseconds);
        foreach (ControllerHarness connection in connections)
            connection.Advance(0);
    }

    public IReadOnlyList<string> FindLeaks()
    {
        foreach (ControllerHarness connection in connections)
        {
            connection.Connection.PeerClosed();
            connection.Queue.FinishHeld();
        }
        var leaks = new List<string>();
        if (buffers.Rented > 0)
            leaks.Add($"{buffers.Rented} buffers are still rented.");
        if (connections.Exists(connection => connection.Connection.OutstandingCommands > 0))
            leaks.Add("A closed connection still has commands.");
        return leaks;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One connection to an engine in memory.</summary>
internal sealed class MemoryConnection(ControllerHarness harness, Action settle) : IConformanceConnection
{
    private int taken;

    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (harness.Connection.IsFinished)
            return;
        harness.Feed(bytes);
        settle();
    }

    public int Receive(Span<byte> buffer, TimeSpan time)
    {
        settle();
        int count = Math.Min(buffer.Length, harness.Output.Count - taken);
        for (int index = 0; index < count; index++)
            buffer[index] = harness.Output[taken + index];
        taken += count;
        return count > 0 ? count : harness.Connection.IsFinished ? 0 : -1;
    }

    public void CloseSend() => Reset();

    public void Reset()
    {
        harness.Connection.PeerClosed();
        settle();
    }

    public void Dispose() => Reset();
}
