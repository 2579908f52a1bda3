namespace ManagedNvmet.Target.Events;

/// <summary>The asynchronous events of a controller and its waiting Asynchronous Event Requests (Base Specification, "Asynchronous Event
/// Request command").</summary>
/// <typeparam name="TRequest">An Asynchronous Event Request command.</typeparam>
/// <remarks><see cref="Raise"/> and <see cref="Acknowledge"/> are thread-safe; only the thread of the admin queue may call the other
/// members. No lock is held while a request completes.</remarks>
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
    /// <param name="complete">Completes a request on the thread of the admin queue.</param>
    /// <param name="scheduleDelivery">Runs <see cref="Deliver"/> later on the thread of the admin queue. Any thread calls it.</param>
    internal AsyncEvents(int maxRequests, Action<TRequest, NvmeStatus, ulong> complete, Action scheduleDelivery)
    {
        _requests = new TRequest[maxRequests];
        _complete = complete;
        _scheduleDelivery = scheduleDelivery;
    }

    /// <summary>The number of waiting requests.</summary>
    internal int RequestCount => _requestCount;

    /// <summary>Raises an event. It is reported once, as soon as a request waits and the host has read the log page of the last event of
    /// the same type.</summary>
    public void Raise(AsyncEvent happened)
    {
        lock (_gate)
        {
            // The host has not yet read the log page of an earlier event, which will also contain this one.
            if (_pending.Contains(happened) || _reported.Contains(happened))
                return;
            _pending.Add(happened);
        }
        _scheduleDelivery();
    }

    /// <summary>Allows the next event of a log page, because the host reads the page with Retain Asynchronous Event 0.</summary>
    /// <remarks>Call it before the page is filled. An event between the two is then reported once too often, which is harmless. In the
    /// other order it would be lost.</remarks>
    public void Acknowledge(byte logPageId)
    {
        bool hasMore;
        lock (_gate)
        {
            // Avoids the allocation of RemoveAll, because a host decides how often this runs.
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

    /// <summary>Adds a request.</summary>
    /// <returns>False when the largest number of requests waits already.</returns>
    internal bool TryAdd(TRequest request)
    {
        if (_requestCount == _requests.Length)
            return false;
        _requests[_requestCount++] = request;
        Deliver();
        return true;
    }

    /// <summary>Completes a waiting request for an Abort command.</summary>
    internal bool TryAbort(TRequest request)
    {
        int index = Array.IndexOf(_requests, request, 0, _requestCount);
        if (index < 0)
            return false;
        Remove(index);
        _complete(request, NvmeStatus.CommandAborted, 0);
        return true;
    }

    /// <summary>Removes a waiting request without completing it.</summary>
    /// <returns>False when the request does not wait.</returns>
    internal bool TryWithdraw(TRequest request)
    {
        int index = Array.IndexOf(_requests, request, 0, _requestCount);
        if (index < 0)
            return false;
        Remove(index);
        return true;
    }

    /// <summary>Reports events to waiting requests.</summary>
    internal void Deliver()
    {
        while (_requestCount > 0 && TakePending() is { } happened)
            _complete(Remove(0), NvmeStatus.Success, happened.Result);
    }

    /// <summary>Removes all events and completes the waiting requests, after a reset of the controller or the end of its admin
    /// queue.</summary>
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
