namespace ManagedNvmet.Io.Disks;

/// <summary>A few threads for operations that would block the loop. They start when first needed.</summary>
internal sealed class DiskWorkers
{
    private readonly string _name;
    private readonly int _maxThreads;
    private readonly Func<Action<object?>, object?, bool> _tryPost;
    private readonly object _lock = new();
    private readonly List<Thread> _threads = [];
    private DiskOperationList _waiting;
    private int _waitingCount;
    private int _idleCount;
    private bool _isClosed;

    /// <param name="name">Name of the threads, before "-disk-N".</param>
    /// <param name="maxThreads">Most threads, at least 1.</param>
    /// <param name="tryPost">Posts the outcome of an operation to the shard; false when the shard has stopped.</param>
    public DiskWorkers(string name, int maxThreads, Func<Action<object?>, object?, bool> tryPost)
    {
        _name = name;
        _maxThreads = maxThreads;
        _tryPost = tryPost;
    }

    /// <summary>Starts an operation; its outcome comes back to the shard as posted work. On the shard's thread.</summary>
    public void Run(DiskOperation operation)
    {
        lock (_lock)
        {
            _waiting.Add(operation);
            _waitingCount++;
            if (_waitingCount > _idleCount && _threads.Count < _maxThreads)
                StartThread();
            else
                Monitor.Pulse(_lock);
        }
    }

    /// <summary>Lets the threads end when no operation waits, and waits for each of them up to the timeout.</summary>
    public void Close(int timeoutMilliseconds)
    {
        lock (_lock)
        {
            _isClosed = true;
            Monitor.PulseAll(_lock);
        }
        foreach (Thread thread in _threads)
            thread.Join(timeoutMilliseconds);
    }

    private void StartThread()
    {
        var thread = new Thread(Work, 256 * 1024) { IsBackground = true, Name = $"{_name}-disk-{_threads.Count}" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Work()
    {
        while (true)
        {
            DiskOperation operation;
            lock (_lock)
            {
                while (!_waiting.TryTake(out operation))
                {
                    if (_isClosed)
                        return;
                    _idleCount++;
                    Monitor.Wait(_lock);
                    _idleCount--;
                }
                _waitingCount--;
            }
            operation.Result = BlockingDiskCalls.Run(operation);

            // Refused only after a stop that gave up waiting for this operation.
            _tryPost(Deliver, operation);
        }
    }

    private static readonly Action<object?> Deliver = static state =>
    {
        var operation = (DiskOperation)state!;
        operation.Queue.Finish(operation, operation.Result);
    };
}
