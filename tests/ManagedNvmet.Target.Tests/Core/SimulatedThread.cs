namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A shard's thread that runs only when the test says so.</summary>
internal sealed class SimulatedThread(SimulatedWorld world)
{
    private readonly Queue<(Action<object?> Work, object? State)> _posted = new();

    public bool IsCurrent => world.Current == this;

    public void Post(Action<object?> work, object? state) => _posted.Enqueue((work, state));

    public bool RunPosted()
    {
        if (_posted.Count == 0)
            return false;
        world.Current = this;
        while (_posted.TryDequeue(out var next))
            next.Work(next.State);
        world.Current = null;
        return true;
    }
}
