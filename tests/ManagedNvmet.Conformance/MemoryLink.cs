namespace ManagedNvmet.Conformance;

/// <summary>A complete target in memory, on the script's thread and with a simulated clock.</summary>
public sealed class MemoryLink : IConformanceLink
{
    private readonly TestTarget _target = new();

    public bool HasOwnTime => true;

    public bool HasTarget => true;

    public string SubsystemNqn => TestTarget.SubsystemNqn;

    public IConformanceConnection Open(byte hpda) => new MemoryConnection(_target.Open(hpda), _target.Settle);

    public void Advance(TimeSpan time) => _target.Advance((long)time.TotalMilliseconds);

    public IReadOnlyList<string> FindLeaks() => _target.CloseAndFindLeaks();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The protocol engine in memory, with a handler that accepts every command.</summary>
public sealed class EngineLink : IConformanceLink
{
    private readonly TestClock _clock = new();
    private readonly TestBuffers _buffers = new(ioBuffers: 16, inCapsuleReserve: 4);
    private readonly List<ControllerHarness> _connections = [];

    public bool HasOwnTime => true;

    public bool HasTarget => false;

    public string SubsystemNqn => TestTarget.SubsystemNqn;

    public IConformanceConnection Open(byte hpda)
    {
        var connection = new ControllerHarness(buffers: _buffers, hpda: hpda, clock: _clock);
        _connections.Add(connection);
        return new MemoryConnection(connection, () => connection.Settle());
    }

    public void Advance(TimeSpan time)
    {
        _clock.Advance((long)time.TotalMilliseconds);
        foreach (ControllerHarness connection in _connections)
            connection.Advance(0);
    }

    public IReadOnlyList<string> FindLeaks()
    {
        foreach (ControllerHarness connection in _connections)
        {
            connection.Connection.PeerClosed();
            connection.Queue.FinishHeld();
        }
        var leaks = new List<string>();
        if (_buffers.Rented > 0)
            leaks.Add($"{_buffers.Rented} buffers are still rented.");
        if (_connections.Exists(connection => connection.Connection.OutstandingCommands > 0))
            leaks.Add("A closed connection still has commands.");
        return leaks;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One connection to an engine in memory.</summary>
internal sealed class MemoryConnection(ControllerHarness harness, Action settle) : IConformanceConnection
{
    private int _taken;

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
        int count = Math.Min(buffer.Length, harness.Output.Count - _taken);
        for (int index = 0; index < count; index++)
            buffer[index] = harness.Output[_taken + index];
        _taken += count;
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
