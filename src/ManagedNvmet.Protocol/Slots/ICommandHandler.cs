using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>The queue pair above a controller's connection.</summary>
/// <remarks>Every call comes from the connection's own thread.</remarks>
public interface ICommandHandler
{
    /// <summary>When the connection should call <see cref="OnTimer"/>, in milliseconds of the connection's clock;
    /// <see cref="long.MaxValue"/> for never.</summary>
    long Deadline { get; }

    /// <summary>Commands that wait in the handler for an event or a limit, not for a device. The connection may move to another thread
    /// meanwhile.</summary>
    int ParkedCommands { get; }

    /// <summary>Host, controller and queue, from Connect; null before.</summary>
    QueueIdentity? Identity => null;

    /// <summary>A command capsule has arrived; its data may not have. Calls <see cref="CommandSlot.Accept"/> or
    /// <see cref="CommandSlot.Complete"/>, before it returns when <see cref="CommandSlot.HasInCapsuleData"/>, otherwise at any
    /// time.</summary>
    void OnCommand(CommandSlot slot);

    /// <summary>Executes an accepted command, whose data is in place. The handler calls <see cref="CommandSlot.Complete"/> before it
    /// returns or later.</summary>
    void OnExecute(CommandSlot slot);

    /// <summary>A new command has the identifier of one that is outstanding. A handler that allows this ends the earlier command with
    /// <see cref="CommandSlot.Withdraw"/>; otherwise the new one fails with Command ID Conflict.</summary>
    /// <returns>True when the earlier command has been withdrawn.</returns>
    bool TryWithdraw(CommandSlot earlier) => false;

    /// <summary>The connection ends a command that was not executed: its identifier is in use, its data is too long or damaged, or it was
    /// aborted.</summary>
    /// <returns>The status to send, perhaps with More set.</returns>
    NvmeStatus OnFailed(CommandSlot slot, NvmeStatus status);

    /// <summary>Completed commands are about to be sent. Called once or a few times a round.</summary>
    void OnSending();

    /// <summary>Memory that was lent with <see cref="CommandSlot.CompleteWithLentData"/> is not used any more. The slot may be free
    /// already.</summary>
    void OnLentDataReturned(CommandSlot slot);

    /// <summary>The connection is over. The handler still calls <see cref="CommandSlot.Complete"/> for commands in execution; nothing is
    /// sent any more. Called once.</summary>
    void OnClosed(CloseReason reason);

    /// <summary><see cref="Deadline"/> has passed.</summary>
    void OnTimer(long now);
}
