using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Identify;

/// <summary>NVM command set specific Identify Namespace (CNS 05h, CSI 0). It is all zeros, because its fields describe protection
/// information and storage tags, which the target does not support.</summary>
public sealed class NvmNamespacePage : IdentifyPage
{
    /// <inheritdoc/>
    public override byte Cns => 0x05;

    /// <inheritdoc/>
    public override string Name => "I/O Command Set specific Identify Namespace";

    /// <inheritdoc/>
    public override bool IsForCommandSet => true;

    /// <inheritdoc/>
    public override NvmeStatus Fill(CommandContext context, Span<byte> page)
    {
        page.Clear();
        return Find(context, out _);
    }
}
