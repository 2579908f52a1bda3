namespace ManagedNvmet.Protocol.Slots;

/// <summary>Where the data of a command lies from <see cref="CommandSlot.Accept"/> until the end of the command.</summary>
/// <remarks>A handler that accepts a command names the placement that it can work with. Where the connection cannot provide that placement,
/// for example because of a data digest, the data is <see cref="Buffered"/>.</remarks>
public enum DataPlacement : byte
{
    /// <summary>There is no data, or no place for it yet.</summary>
    None,

    /// <summary>In a buffer of the shard's arena, rented for this command. Any handler can work with it.</summary>
    Buffered,

    /// <summary>The data of a write lies in the receive buffer, where it arrived with the capsule. It is valid until
    /// <see cref="ICommandHandler.OnExecute"/> returns: the handler completes the command before that.</summary>
    Borrowed,

    /// <summary>The data of a read lies in memory of the device, and is sent from there. The handler completes the command with
    /// <see cref="CommandSlot.CompleteWithLentData"/>, and gets the memory back with
    /// <see cref="ICommandHandler.OnLentDataReturned"/>.</summary>
    Lent,
}
