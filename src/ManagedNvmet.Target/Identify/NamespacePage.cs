using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Identify;

/// <summary>Identify Namespace (CNS 00h).</summary>
public sealed class NamespacePage : IdentifyPage
{
    /// <inheritdoc/>
    public override byte Cns => 0x00;

    /// <inheritdoc/>
    public override string Name => "Identify Namespace";

    /// <inheritdoc/>
    public override NvmeStatus Fill(CommandContext context, Span<byte> page)
    {
        page.Clear();
        NvmeStatus status = Find(context, out AttachedNamespace? found);
        if (found is not null)
            NamespaceData.Fill(page, found.Namespace, found.IsWriteProtected);
        return status;
    }
}
