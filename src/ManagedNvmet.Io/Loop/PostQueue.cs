using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Loop;

/// <summary>Work for a shard from any thread, in the order of posting.</summary>
/// <remarks>Two lists change places, so that nothing is allocated once they have grown to the load. The loop is woken by one write, and
/// only when it may be asleep.</remarks>
internal sealed class PostQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly EventDescriptor _wake = new();
    private Work[] _posted = new Work[64];
    private Work[] _running = new Work[64];
    private volatile int _count;
    private bool _mayBeAsleep;
    private bool _isClosed;

    /// <summary>Becomes readable when the loop is woken; watched edge-triggered and never read.</summary>
    public int WakeFd => _wake.Fd;

    /// <summary>True when work is waiting.</summary>
    public bool HasWork => _count != 0;

    /// <summary>Adds work. False when the shard has stopped.</summary>
    public bool TryPost(Action<object?> work, object? state)
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            int count = _count;
            if (count == _posted.Length)
                Array.Resize(ref _posted, 2 * count);
            _posted[count] = new Work(work, state);
            _count = count + 1;
            if (_mayBeAsleep)
            {
                // Written under the lock, so that the descriptor cannot be closed meanwhile.
                _mayBeAsleep = false;
                _wake.Signal();
            }
            return true;
        }
    }

    /// <summary>Announces that the loop is about to sleep. False when there is work instead.</summary>
    public bool TryBeginSleep()
    {
        lock (_lock)
        {
            if (_count != 0)
                return false;
            _mayBeAsleep = true;
            return true;
        }
    }

    /// <summary>The loop is awake: posting need not write.</summary>
    public void EndSleep()
    {
        lock (_lock)
            _mayBeAsleep = false;
    }

    /// <summary>Takes what has been posted, valid until the next call. What the work itself posts comes with the next call.</summary>
    public Span<Work> TakeAll()
    {
        lock (_lock)
        {
            int count = _count;
            (_posted, _running) = (_running, _posted);
            _count = 0;
            return _running.AsSpan(0, count);
        }
    }

    /// <summary>Refuses further work if none is left. False when some is.</summary>
    public bool TryClose()
    {
        lock (_lock)
        {
            if (_count != 0)
                return false;
            _isClosed = true;
            return true;
        }
    }

    public void Dispose() => _wake.Dispose();

    internal readonly record struct Work(Action<object?> Action, object? State);
}
