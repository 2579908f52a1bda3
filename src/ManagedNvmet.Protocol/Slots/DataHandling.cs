namespace ManagedNvmet.Protocol.Slots;

/// <summary>What the handler of an accepted command can do without a buffer for its data.</summary>
public enum DataHandling : byte
{
    /// <summary>Nothing: it needs a buffer of its own.</summary>
    Buffered,

    /// <summary>A read whose data is lent with <see cref="CommandSlot.CompleteWithLentData"/>.</summary>
    Lent,

    /// <summary>A write that is completed before <see cref="ICommandHandler.OnExecute"/> returns: data that came with the capsule need not be
    /// copied out of the receive buffer.</summary>
    AtOnce,
}
