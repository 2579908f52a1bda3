using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Identify;

/// <summary>Active Namespace ID list (CNS 02h).</summary>
public sealed class ActiveNamespacesPage : IdentifyPage
{
    /// <inheritdoc/>
    public override byte Cns => 0x02;

    /// <inheritdoc/>
    public override string Name => "Active Namespace ID list";

    /// <inheritdoc/>
    public override NvmeStatus Fill(CommandContext context, Span<byte> page) =>
        NamespaceIdList.Fill(page, context.Entry.NamespaceId, context.Controller!.View.Namespaces);
}
