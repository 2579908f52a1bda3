using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>NVMe-MI Commands Supported and Effects (LID 13h): there are no such commands, but a controller with LIDs 00h and 12h must also
/// have this page (LPA bit 5).</summary>
public sealed class ManagementEffectsPage : LogPage
{
    internal const byte Id = 0x13;
    private const int PageBytes = 4096;

    /// <inheritdoc/>
    public override byte LogPageId => Id;

    /// <inheritdoc/>
    public override string Name => "NVMe-MI Commands Supported and Effects";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        destination.Clear();
        return offset > PageBytes ? NvmeStatus.InvalidField : NvmeStatus.Success;
    }
}
