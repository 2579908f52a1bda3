using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Identify;

/// <summary>I/O Command Set independent Identify Namespace (CNS 08h).</summary>
public sealed class IndependentNamespacePage : IdentifyPage
{
    /// <inheritdoc/>
    public override byte Cns => 0x08;

    /// <inheritdoc/>
    public override string Name => "I/O Command Set independent Identify Namespace";

    /// <inheritdoc/>
    public override NvmeStatus Fill(CommandContext context, Span<byte> page)
    {
        page.Clear();
        NvmeStatus status = Find(context, out AttachedNamespace? found);
        if (found is not null)
            IndependentNamespaceData.Fill(page, found.Namespace, found.IsWriteProtected);
        return status;
    }
}
