using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Identify;

/// <summary>NVM command set specific Identify Controller (CNS 06h, CSI 0): the limits of commands to which MDTS does not apply. All are 0,
/// which means no limit: Dataset Management supports 256 ranges of any length, and Write Zeroes 65536 blocks.</summary>
public sealed class NvmControllerPage : IdentifyPage
{
    /// <inheritdoc/>
    public override byte Cns => 0x06;

    /// <inheritdoc/>
    public override string Name => "I/O Command Set specific Identify Controller";

    /// <inheritdoc/>
    public override bool IsForCommandSet => true;

    /// <inheritdoc/>
    public override NvmeStatus Fill(CommandContext context, Span<byte> page)
    {
        page.Clear();
        return NvmeStatus.Success;
    }
}
