using ManagedNvmet.Target.Queues;

namespace ManagedNvmet.Target.Controllers;

/// <summary>The end of an association, and the Connect commands that wait for it. Thread-safe.</summary>
internal sealed class AssociationEnd
{
    private readonly Lock _gate = new();
    private List<QueuedCommand>? _waiting;
    private bool _hasEnded;

    /// <summary>Executes a Connect again when the association has ended; soon if it has already.</summary>
    public void RetryAtEnd(QueuedCommand connect)
    {
        lock (_gate)
        {
            if (!_hasEnded)
            {
                (_waiting ??= []).Add(connect);
                return;
            }
        }
        ConnectExecution.PostRetry(connect);
    }

    /// <summary>Forgets a Connect command that waits.</summary>
    /// <returns>False when it does not wait any more: it is being executed again.</returns>
    public bool TryForget(QueuedCommand connect)
    {
        lock (_gate)
            return _waiting?.Remove(connect) ?? false;
    }

    /// <summary>The last command of the association has ended.</summary>
    public void SetEnded()
    {
        List<QueuedCommand>? waiting;
        lock (_gate)
        {
            _hasEnded = true;
            waiting = _waiting;
            _waiting = null;
        }
        foreach (QueuedCommand connect in waiting ?? [])
            ConnectExecution.PostRetry(connect);
    }
}
