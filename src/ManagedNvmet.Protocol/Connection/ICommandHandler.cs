namespace ManagedNvmet.Protocol.Connection;

/// <summary>What a <see cref="ControllerConnection"/> talks up to: one queue pair of a target.</summary>
/// <remarks>Every call comes from the connection's own thread.</remarks>
public interface ICommandHandler
{
    /// <summary>When <see cref="OnTimer"/> wants to be called, in milliseconds of the connection's clock;
    /// <see cref="long.MaxValue"/> for never.</summary>
    long Deadline { get; }

    /// <summary>A command capsule has arrived; its data may not have. Calls <see cref="CommandSlot.Accept"/> or
    /// <see cref="CommandSlot.Complete"/>, before it returns when <see cref="CommandSlot.HasInCapsuleData"/>, or else when it likes.</summary>
    void OnCommand(CommandSlot slot);

    /// <summary>An accepted command has its buffer, and the host's data where there is any. Ends in
    /// <see cref="CommandSlot.Complete"/>, before it returns or later.</summary>
    void OnExecute(CommandSlot slot);

    /// <summary>The connection is over. Commands in execution still end in <see cref="CommandSlot.Complete"/>;
    /// nothing is sent any more. Called once.</summary>
    void OnClosed(CloseReason reason);

    /// <summary><see cref="Deadline"/> has passed.</summary>
    void OnTimer(long now);
}
