using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Identify;

/// <summary>A structure that Identify returns. <see cref="IdentifyPageTable"/> lists all of them.</summary>
/// <remarks>One stateless object serves all controllers. Runs on the thread of the admin queue.</remarks>
public abstract class IdentifyPage
{
    /// <summary>The size of every structure in bytes.</summary>
    public const int PageBytes = 4096;

    /// <summary>CNS.</summary>
    public abstract byte Cns { get; }

    /// <summary>The name in the specification.</summary>
    public abstract string Name { get; }

    /// <summary>True when discovery controllers also have the structure.</summary>
    public virtual bool IsForDiscovery => false;

    /// <summary>True when the structure belongs to an I/O command set. CSI must then name a supported one.</summary>
    public virtual bool IsForCommandSet => false;

    /// <summary>Fills the structure.</summary>
    /// <param name="context">The Identify command.</param>
    /// <param name="page">4096 bytes, which the method must fill completely.</param>
    public abstract NvmeStatus Fill(CommandContext context, Span<byte> page);

    /// <summary>Returns the Command Set Identifier (CSI).</summary>
    internal static byte CommandSet(in SubmissionEntry entry) => (byte)(entry.Cdw11 >> 24);

    /// <summary>Checks an Identify command.</summary>
    /// <param name="entry">The command.</param>
    /// <param name="sglLength">The length of its SGL in bytes.</param>
    /// <param name="isDiscovery">True for a controller of the discovery subsystem.</param>
    internal static NvmeStatus Check(in SubmissionEntry entry, uint sglLength, bool isDiscovery)
    {
        if (Find(entry) is not { } page || (isDiscovery && !page.IsForDiscovery))
            return NvmeStatus.InvalidField;
        if (page.IsForCommandSet && CommandSet(entry) != CommandSets.Nvm)
            return NvmeStatus.InvalidIoCommandSet;
        return sglLength == PageBytes ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }

    /// <summary>Returns the structure that CNS selects, or null.</summary>
    internal static IdentifyPage? Find(in SubmissionEntry entry) => IdentifyPageTable.All[(byte)(uint)entry.Cdw10];

    /// <summary>Checks an NSID that must be valid, but need not be active. FFFFFFFFh is refused, because without namespace management no
    /// fields are common to all namespaces.</summary>
    internal static NvmeStatus CheckNamespaceId(uint namespaceId, uint maxNamespaces) =>
        namespaceId == 0 || namespaceId > maxNamespaces ? NvmeStatus.InvalidNamespace : NvmeStatus.Success;

    /// <summary>Finds the namespace of NSID. It is null when NSID is valid but not active; the structure is then all zeros.</summary>
    private protected static NvmeStatus Find(CommandContext context, out AttachedNamespace? found)
    {
        ControllerEnvironment controller = context.Controller!;
        found = controller.View.Find(context.Entry.NamespaceId);
        return CheckNamespaceId(context.Entry.NamespaceId, controller.Limits.MaxNamespaces);
    }
}
