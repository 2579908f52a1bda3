namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A simulated shard thread, whose work runs when the test says so.</summary>
internal sealed class SimulatedThread(SimulatedWorld world)
{
    private readonly Queue<(Action<object?> Work, object? State)> _posted = new();

    public bool IsCurrent => world.Current == this;

    public void Post(Action<object?> work, object? state) => _posted.Enqueue((work, state));

    /// <summary>Runs what was posted before this call. Work that it posts runs with the next call, as on a shard.</summary>
    public bool RunPosted()
    {
        if (_posted.Count == 0)
            return false;
        world.Current = this;
        for (int left = _posted.Count; left > 0; left--)
        {
            (Action<object?> work, object? state) = _posted.Dequeue();
            work(state);
        }
        world.Current = null;
        return true;
    }
}
