namespace ManagedNvmet.Target.Commands;

/// <summary>The queue that a command came on, as far as commands may use it.</summary>
/// <remarks>Its members belong to the queue's thread, unless they say otherwise.</remarks>
public abstract class QueueEnvironment
{
    private protected QueueEnvironment()
    {
    }

    /// <summary>QID: 0 for the admin queue.</summary>
    public int Id { get; private protected set; }

    /// <summary>Checks what a Connect command shows before its data is there.</summary>
    internal abstract NvmeStatus AdmitConnect(CommandContext context);

    /// <summary>Executes a Connect command.</summary>
    internal abstract void Connect(CommandContext context);

    /// <summary>Executes a Disconnect command: the command is the last one of the queue to be completed.</summary>
    internal abstract void Disconnect(CommandContext context);

    /// <summary>Ends the command of this identifier if it has not begun.</summary>
    internal abstract bool TryAbort(ushort commandId);

    /// <summary>Runs work on the queue's thread, soon. From any thread.</summary>
    internal abstract void Post(Action<object?> work, object state);
}
