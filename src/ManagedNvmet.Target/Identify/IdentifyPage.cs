using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Identify;

/// <summary>One structure that Identify returns: one class in one file, one line in <see cref="IdentifyPageTable"/>.</summary>
/// <remarks>Stateless: one object serves all controllers. Called on the thread of the admin queue.</remarks>
public abstract class IdentifyPage
{
    /// <summary>Bytes of every structure.</summary>
    public const int PageBytes = 4096;

    /// <summary>CNS.</summary>
    public abstract byte Cns { get; }

    /// <summary>The specification's name.</summary>
    public abstract string Name { get; }

    /// <summary>A discovery controller has it too.</summary>
    public virtual bool IsForDiscovery => false;

    /// <summary>The structure belongs to an I/O command set: CSI must name one that is supported.</summary>
    public virtual bool IsForCommandSet => false;

    /// <summary>Makes the structure.</summary>
    /// <param name="context">The Identify command.</param>
    /// <param name="page">4096 bytes, which are filled whole.</param>
    public abstract NvmeStatus Fill(CommandContext context, Span<byte> page);

    /// <summary>Command Set Identifier (CSI).</summary>
    internal static byte CommandSet(in SubmissionEntry entry) => (byte)(entry.Cdw11 >> 24);

    /// <summary>Judges an Identify command.</summary>
    /// <param name="entry">The command.</param>
    /// <param name="sglLength">Bytes that its SGL describes.</param>
    /// <param name="isDiscovery">The controller is one of the discovery subsystem.</param>
    internal static NvmeStatus Check(in SubmissionEntry entry, uint sglLength, bool isDiscovery)
    {
        if (Find(entry) is not { } page || (isDiscovery && !page.IsForDiscovery))
            return NvmeStatus.InvalidField;
        if (page.IsForCommandSet && CommandSet(entry) != CommandSets.Nvm)
            return NvmeStatus.InvalidIoCommandSet;
        return sglLength == PageBytes ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }

    /// <summary>The structure that CNS names, or null.</summary>
    internal static IdentifyPage? Find(in SubmissionEntry entry) => IdentifyPageTable.All[(byte)(uint)entry.Cdw10];

    /// <summary>Judges an NSID that must be a possible one, though not an active one. FFFFFFFFh is none: without namespace management
    /// there are no fields that all namespaces have in common.</summary>
    internal static NvmeStatus CheckNamespaceId(uint namespaceId, uint maxNamespaces) =>
        namespaceId == 0 || namespaceId > maxNamespaces ? NvmeStatus.InvalidNamespace : NvmeStatus.Success;

    /// <summary>The namespace that NSID names, or null when it is possible but not active: then the structure is all zeros.</summary>
    private protected static NvmeStatus Find(CommandContext context, out AttachedNamespace? found)
    {
        ControllerEnvironment controller = context.Controller!;
        found = controller.View.Find(context.Entry.NamespaceId);
        return CheckNamespaceId(context.Entry.NamespaceId, controller.Limits.MaxNamespaces);
    }
}
