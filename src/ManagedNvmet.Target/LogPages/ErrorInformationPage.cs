using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Error Information (LID 01h): the last errors of this controller, the newest first.</summary>
public sealed class ErrorInformationPage : LogPage
{
    /// <inheritdoc/>
    public override byte LogPageId => 0x01;

    /// <inheritdoc/>
    public override string Name => "Error Information";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination) =>
        context.Controller!.Errors.Read(offset, destination);
}
