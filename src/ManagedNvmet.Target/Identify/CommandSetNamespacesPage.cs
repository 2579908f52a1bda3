using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Identify;

/// <summary>Active Namespace ID list of an I/O command set (CNS 07h). All namespaces are of the NVM command set.</summary>
public sealed class CommandSetNamespacesPage : IdentifyPage
{
    /// <inheritdoc/>
    public override byte Cns => 0x07;

    /// <inheritdoc/>
    public override string Name => "I/O Command Set specific Active Namespace ID list";

    /// <inheritdoc/>
    public override bool IsForCommandSet => true;

    /// <inheritdoc/>
    public override NvmeStatus Fill(CommandContext context, Span<byte> page) =>
        NamespaceIdList.Fill(page, context.Entry.NamespaceId, context.Controller!.View.Namespaces);
}
