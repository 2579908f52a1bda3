using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>The queue pair above a controller's connection.</summary>
/// <remarks>Every call comes from the connection's own thread.</remarks>
public interface ICommandHandler
{
    /// <summary>When <see cref="OnTimer"/> wants to be called, in milliseconds of the connection's clock;
    /// <see cref="long.MaxValue"/> for never.</summary>
    long Deadline { get; }

    /// <summary>Commands that are with the handler and with no device, and of which nothing belongs to the thread: they wait for an event or
    /// for a limit. The connection may go to another thread meanwhile.</summary>
    int ParkedCommands { get; }

    /// <summary>What the connection became with its Connect; null before.</summary>
    QueueIdentity? Identity => null;

    /// <summary>A command capsule has arrived; its data may not have. Calls <see cref="CommandSlot.Accept"/> or
    /// <see cref="CommandSlot.Complete"/>, before it returns when <see cref="CommandSlot.HasInCapsuleData"/>, or else when it likes.</summary>
    void OnCommand(CommandSlot slot);

    /// <summary>An accepted command has its buffer, and the host's data where there is any. Ends in
    /// <see cref="CommandSlot.Complete"/>, before it returns or later.</summary>
    void OnExecute(CommandSlot slot);

    /// <summary>A new command has the identifier of one that is outstanding. A handler that allows this ends the earlier command with
    /// <see cref="CommandSlot.Withdraw"/>; otherwise the new one fails with Command ID Conflict.</summary>
    /// <returns>True when the earlier command has been withdrawn.</returns>
    bool TryWithdraw(CommandSlot earlier) => false;

    /// <summary>The connection ends a command that was never executed: its identifier is in use, its data too long or damaged, or it was
    /// aborted.</summary>
    /// <returns>The status to send, perhaps with More set.</returns>
    NvmeStatus OnFailed(CommandSlot slot, NvmeStatus status);

    /// <summary>What was completed is about to be sent: once a round of the thread, or a few times.</summary>
    void OnSending();

    /// <summary>What was lent with <see cref="CommandSlot.CompleteWithLentData"/> is not looked at any more. The slot may be free
    /// already.</summary>
    void OnLentDataReturned(CommandSlot slot);

    /// <summary>The connection is over. Commands in execution still end in <see cref="CommandSlot.Complete"/>;
    /// nothing is sent any more. Called once.</summary>
    void OnClosed(CloseReason reason);

    /// <summary><see cref="Deadline"/> has passed.</summary>
    void OnTimer(long now);
}
