namespace ManagedNvmet.Transport.Tcp;

/// <summary>Work for one connection from any thread, in the order of posting: it follows the connection when that goes to another shard.</summary>
/// <remarks>Two lists change places, so that nothing is allocated once they have grown to the load.</remarks>
internal sealed class TransportInbox
{
    private readonly Lock _gate = new();
    private Work[] _posted = [];
    private Work[] _running = [];
    private int _count;
    private bool _isAnnounced;

    /// <summary>Adds work.</summary>
    /// <returns>True when the connection's shard has to be told that there is some.</returns>
    public bool Add(Action<object?> action, object? state)
    {
        lock (_gate)
        {
            if (_count == _posted.Length)
                Array.Resize(ref _posted, Math.Max(4, 2 * _count));
            _posted[_count++] = new Work(action, state);
            bool isNews = !_isAnnounced;
            _isAnnounced = true;
            return isNews;
        }
    }

    /// <summary>Takes what has been posted, valid until the next call. On the connection's thread.</summary>
    public Span<Work> TakeAll()
    {
        lock (_gate)
        {
            int taken = _count;
            (_posted, _running) = (_running, _posted);
            _count = 0;
            _isAnnounced = false;
            return _running.AsSpan(0, taken);
        }
    }

    internal readonly record struct Work(Action<object?> Action, object? State);
}
