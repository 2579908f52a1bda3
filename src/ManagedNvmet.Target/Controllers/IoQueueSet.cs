using ManagedNvmet.Target.Queues;

namespace ManagedNvmet.Target.Controllers;

/// <summary>The I/O queues of one controller.</summary>
/// <remarks>From any thread: the lock of the controller guards the list, since its state must not change while a queue joins.</remarks>
internal sealed class IoQueueSet(Lock gate)
{
    private readonly List<QueuePair> _queues = [];
    private volatile int _count;
    private bool _wasEndedQueueActive;

    /// <summary>Queues that are connected now.</summary>
    public int Count => _count;

    /// <summary>The queue of this identifier, or null.</summary>
    public QueuePair? Find(int queueId)
    {
        lock (gate)
        {
            foreach (QueuePair queue in _queues)
            {
                if (queue.Id == queueId)
                    return queue;
            }
            return null;
        }
    }

    /// <summary>The queues that are connected now.</summary>
    public QueuePair[] Copy()
    {
        lock (gate)
            return [.. _queues];
    }

    /// <summary>Adds a queue.</summary>
    public void Add(QueuePair queue)
    {
        lock (gate)
        {
            _queues.Add(queue);
            _count = _queues.Count;
        }
    }

    /// <summary>Removes a queue that has ended. Its commands still count as activity of the association.</summary>
    /// <returns>The number of queues that are left.</returns>
    public int Remove(QueuePair queue)
    {
        lock (gate)
        {
            _wasEndedQueueActive |= queue.Commands.TakeActivity();
            _queues.Remove(queue);
            return _count = _queues.Count;
        }
    }

    /// <summary>Says whether a command came on any queue since the last call, those included that have ended.</summary>
    public bool TakeActivity()
    {
        lock (gate)
        {
            bool wasActive = _wasEndedQueueActive;
            _wasEndedQueueActive = false;
            foreach (QueuePair queue in _queues)
                wasActive |= queue.Commands.TakeActivity();
            return wasActive;
        }
    }
}
