namespace ManagedNvmet.Target.Commands;

/// <summary>One command of one command set: one class in one file, one line in one table. Everything that the target says about its
/// commands elsewhere (effects log, allow-lists, names) is derived from here.</summary>
/// <remarks>Stateless: one object serves all queues from all threads.</remarks>
public abstract class Command
{
    /// <summary>A command by what every one of its kind is asked for.</summary>
    /// <param name="namespaceUse">What NSID means.</param>
    /// <param name="operation">What the command counts as in the statistics of I/O; null when it does not count.</param>
    protected Command(NamespaceUse namespaceUse = NamespaceUse.None, BlockOperation? operation = null)
    {
        NamespaceUse = namespaceUse;
        Operation = operation;
        IsThrottled = operation is not (null or BlockOperation.Flush);
        TransfersBlocks = operation is BlockOperation.Read or BlockOperation.Write;
    }

    /// <summary>OPC, or FCTYPE for a Fabrics command.</summary>
    public abstract byte Opcode { get; }

    /// <summary>The specification's name.</summary>
    public abstract string Name { get; }

    /// <summary>What the command may change; always with <see cref="CommandEffects.Supported"/>.</summary>
    public virtual CommandEffects Effects => CommandEffects.Supported;

    /// <summary>What NSID means.</summary>
    public NamespaceUse NamespaceUse { get; }

    /// <summary>A discovery controller has this command too.</summary>
    public virtual bool IsForDiscovery => false;

    /// <summary>An I/O controller has this command.</summary>
    public virtual bool IsForIo => true;

    /// <summary>The bit of ONCS that stands for this command, for an optional I/O command.</summary>
    public virtual OptionalSupport OptionalSupport => OptionalSupport.None;

    /// <summary>What the command counts as in the statistics of I/O; null when it does not count.</summary>
    public BlockOperation? Operation { get; }

    /// <summary>True when a limit of quality of service holds the command back: it works on the medium.</summary>
    public bool IsThrottled { get; }

    /// <summary>True when the bytes that its SGL describes are those of blocks.</summary>
    public bool TransfersBlocks { get; }

    /// <summary>True when the command changes the medium: refused on a namespace that is write protected.</summary>
    public bool ModifiesMedium => (Effects & CommandEffects.LogicalBlockChange) != 0;

    /// <summary>Checks the command's own fields. Queue state, SGL, NSID and write protection are already checked. No data is there yet. Says in
    /// <see cref="CommandContext.DataPlacement"/> what the command can do without a buffer for its data.</summary>
    /// <returns>Success, or the status that the command is completed with.</returns>
    public virtual NvmeStatus Admit(CommandContext context) => NvmeStatus.Success;

    /// <summary>Does the work. <see cref="CommandContext.Bytes"/> are there. Ends in <see cref="CommandContext.Finish"/>, now or later.</summary>
    public abstract void Execute(CommandContext context);
}
