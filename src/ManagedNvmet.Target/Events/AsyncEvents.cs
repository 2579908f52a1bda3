namespace ManagedNvmet.Target.Events;

/// <summary>The asynchronous events of one controller, and the requests that wait for them
/// (Base Specification, "Asynchronous Event Request command").</summary>
/// <typeparam name="TRequest">An Asynchronous Event Request command.</typeparam>
/// <remarks><see cref="Raise"/> and <see cref="Acknowledge"/> may be called from any thread; the rest belongs to the thread of the
/// admin queue. No lock is held while a request is completed.</remarks>
public sealed class AsyncEvents<TRequest>
    where TRequest : class
{
    private readonly Lock _gate = new();
    private readonly List<AsyncEvent> _pending = new(AsyncEvent.Count);
    private readonly List<AsyncEvent> _reported = new(AsyncEvent.Count);
    private readonly TRequest?[] _requests;
    private readonly Action<TRequest, NvmeStatus, ulong> _complete;
    private readonly Action _scheduleDelivery;
    private int _requestCount;

    /// <param name="maxRequests">AERL + 1.</param>
    /// <param name="complete">Ends a request; called on the thread of the admin queue.</param>
    /// <param name="scheduleDelivery">Sees to it that <see cref="Deliver"/> runs on the thread of the admin queue; called from any thread.</param>
    internal AsyncEvents(int maxRequests, Action<TRequest, NvmeStatus, ulong> complete, Action scheduleDelivery)
    {
        _requests = new TRequest[maxRequests];
        _complete = complete;
        _scheduleDelivery = scheduleDelivery;
    }

    /// <summary>Requests that wait for an event.</summary>
    internal int RequestCount => _requestCount;

    /// <summary>An event happened. It is reported once: now, or when a request comes, or when the log page of an event of the same
    /// type that was reported before has been read.</summary>
    public void Raise(AsyncEvent happened)
    {
        lock (_gate)
        {
            // Reported and not yet read about: the log page will tell of this one too.
            if (_pending.Contains(happened) || _reported.Contains(happened))
                return;
            _pending.Add(happened);
        }
        _scheduleDelivery();
    }

    /// <summary>The host reads a log page with Retain Asynchronous Event cleared: the next event about it may be reported.</summary>
    /// <remarks>To be called before the page is filled: an event that happens between the two is then reported once too often, which
    /// does no harm; the other way round it would be lost.</remarks>
    public void Acknowledge(byte logPageId)
    {
        bool hasMore;
        lock (_gate)
        {
            // Not RemoveAll: no closure for what a host may do as often as it likes.
            for (int index = _reported.Count - 1; index >= 0; index--)
            {
                if (_reported[index].LogPageId == logPageId)
                    _reported.RemoveAt(index);
            }
            hasMore = _pending.Count > 0;
        }
        if (hasMore)
            _scheduleDelivery();
    }

    /// <summary>Takes a request.</summary>
    /// <returns>False when as many as are allowed are waiting already.</returns>
    internal bool TryAdd(TRequest request)
    {
        if (_requestCount == _requests.Length)
            return false;
        _requests[_requestCount++] = request;
        Deliver();
        return true;
    }

    /// <summary>Ends a waiting request because an Abort command asks for it.</summary>
    internal bool TryAbort(TRequest request)
    {
        int index = Array.IndexOf(_requests, request, 0, _requestCount);
        if (index < 0)
            return false;
        Remove(index);
        _complete(request, NvmeStatus.CommandAborted, 0);
        return true;
    }

    /// <summary>Forgets a waiting request, without completing it.</summary>
    /// <returns>False when it does not wait.</returns>
    internal bool TryWithdraw(TRequest request)
    {
        int index = Array.IndexOf(_requests, request, 0, _requestCount);
        if (index < 0)
            return false;
        Remove(index);
        return true;
    }

    /// <summary>Reports what can be reported.</summary>
    internal void Deliver()
    {
        while (_requestCount > 0 && TakePending() is { } happened)
            _complete(Remove(0), NvmeStatus.Success, happened.Result);
    }

    /// <summary>Forgets every event and ends the waiting requests: the controller was reset, or its admin queue is gone.</summary>
    internal void Reset(NvmeStatus status)
    {
        lock (_gate)
        {
            _pending.Clear();
            _reported.Clear();
        }
        while (_requestCount > 0)
            _complete(Remove(0), status, 0);
    }

    private AsyncEvent? TakePending()
    {
        lock (_gate)
        {
            for (int index = 0; index < _pending.Count; index++)
            {
                AsyncEvent candidate = _pending[index];
                if (IsMasked(candidate))
                    continue;
                _pending.RemoveAt(index);
                _reported.Add(candidate);
                return candidate;
            }
            return null;
        }
    }

    private bool IsMasked(AsyncEvent candidate)
    {
        foreach (AsyncEvent other in _reported)
        {
            if (other.Masks(candidate))
                return true;
        }
        return false;
    }

    private TRequest Remove(int index)
    {
        TRequest request = _requests[index]!;
        _requestCount--;
        Array.Copy(_requests, index + 1, _requests, index, _requestCount - index);
        _requests[_requestCount] = null;
        return request;
    }
}
