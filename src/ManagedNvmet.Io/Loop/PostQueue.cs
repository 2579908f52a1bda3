namespace ManagedNvmet.Io.Loop;

/// <summary>Work for one thread, posted from any thread and run in the order of posting.</summary>
/// <remarks>Two arrays are swapped, so nothing is allocated once they have grown to the load. The queue calls <c>wake</c> for the first
/// item after <see cref="TryArm"/>, so that the reader needs one signal for many items.</remarks>
public sealed class PostQueue
{
    private readonly Lock _gate = new();
    private readonly Action _wake;
    private PostedWork[] _posted = [];
    private PostedWork[] _running = [];
    private volatile int _count;
    private bool _isArmed;
    private bool _isClosed;

    /// <param name="wake">Tells the reader that there is work. Called under the queue's lock, so it must not call the queue.</param>
    /// <param name="isArmed">True when the first item wakes the reader.</param>
    public PostQueue(Action wake, bool isArmed = false)
    {
        _wake = wake;
        _isArmed = isArmed;
    }

    /// <summary>True when work is waiting. From any thread.</summary>
    public bool HasWork => _count != 0;

    /// <summary>Adds work. False when the queue is closed. From any thread.</summary>
    public bool TryPost(Action<object?> work, object? state)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            int count = _count;
            if (count == _posted.Length)
                Array.Resize(ref _posted, Math.Max(4, 2 * count));
            _posted[count] = new PostedWork(work, state);
            _count = count + 1;
            if (_isArmed)
            {
                _isArmed = false;
                _wake();
            }
            return true;
        }
    }

    /// <summary>Asks for a wake-up when the next item is added. False when there is work already.</summary>
    public bool TryArm()
    {
        lock (_gate)
        {
            _isArmed = _count == 0;
            return _isArmed;
        }
    }

    /// <summary>Withdraws <see cref="TryArm"/>: the reader looks at <see cref="HasWork"/> by itself.</summary>
    public void Disarm()
    {
        lock (_gate)
            _isArmed = false;
    }

    /// <summary>Takes all items. The span is valid until the next call; the reader clears each item after it has run.</summary>
    public Span<PostedWork> TakeAll()
    {
        lock (_gate)
        {
            int count = _count;
            (_posted, _running) = (_running, _posted);
            _count = 0;
            return _running.AsSpan(0, count);
        }
    }

    /// <summary>Closes an empty queue: no work is accepted any more. False when there is work.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            if (_count != 0)
                return false;
            _isClosed = true;
            return true;
        }
    }
}
