using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Commands;

/// <summary>One command of one command set: one class in one file, one line in one table. Other places that list commands (effects log,
/// allow-lists, names) are derived from the tables.</summary>
/// <remarks>
/// <para>Stateless: one object serves all queues from all threads.</para>
/// <para>The target checks, in this order, before it calls <see cref="Admit"/>: the connection is not ending; the controller is enabled
/// (Command Sequence Error); the opcode is in the table (Invalid Command Opcode); PSDT and the form of the SGL descriptor (its length is
/// for <see cref="Admit"/> to check); FUSE is 0 (Invalid Field); where <see cref="NamespaceUse"/> asks for it, NSID names a namespace that
/// the host sees (Invalid Namespace or Format), the ANA state of its path allows I/O (Path Related Status), and it may be written if
/// <see cref="ModifiesMedium"/> (Namespace is Write Protected). A Fabrics command is checked for its place instead: Connect comes first
/// and once, and the controller and the queue have the command.</para>
/// </remarks>
public abstract class Command
{
    /// <summary>A command by what every one of its kind is asked for.</summary>
    /// <param name="namespaceUse">What NSID means.</param>
    /// <param name="operation">The operation that the statistics of I/O count the command as, and that limits hold back; null for a command
    /// that is neither counted nor held back.</param>
    protected Command(NamespaceUse namespaceUse = NamespaceUse.None, BlockOperation? operation = null)
    {
        NamespaceUse = namespaceUse;
        Operation = operation;
        IsThrottled = operation is not (null or BlockOperation.Flush);
        TransfersBlocks = operation is BlockOperation.Read or BlockOperation.Write;
    }

    /// <summary>OPC, or FCTYPE for a Fabrics command.</summary>
    public abstract byte Opcode { get; }

    /// <summary>The name in the specification, or the vendor's.</summary>
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

    /// <summary>The operation that the statistics of I/O count the command as; null for a command that is not counted. Limits of quality of
    /// service hold back every operation but Flush.</summary>
    public BlockOperation? Operation { get; }

    /// <summary>True when a limit of quality of service holds the command back: it works on the medium.</summary>
    public bool IsThrottled { get; }

    /// <summary>True when the bytes that its SGL describes are those of blocks.</summary>
    public bool TransfersBlocks { get; }

    /// <summary>True when the command changes the medium: refused on a namespace that is write protected.</summary>
    public bool ModifiesMedium => (Effects & CommandEffects.LogicalBlockChange) != 0;

    /// <summary>Checks the command's own fields, the length of its SGL included. Its data has not arrived. Sets
    /// <see cref="CommandContext.DataPlacement"/> if the command can do without a buffer.</summary>
    /// <returns>Success, or the status that the command is completed with.</returns>
    public virtual NvmeStatus Admit(CommandContext context) => NvmeStatus.Success;

    /// <summary>Executes the command. <see cref="CommandContext.Bytes"/> hold the host's data, or are to be filled. Ends in
    /// <see cref="CommandContext.Finish"/>, before it returns or later.</summary>
    public abstract void Execute(CommandContext context);
}
