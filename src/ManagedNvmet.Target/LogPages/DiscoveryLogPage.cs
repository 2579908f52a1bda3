using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Discovery;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Discovery (LID 70h). A host may wish for extended entries (EXTDLPE), and for those of the port that it reached (PLEO).</summary>
public sealed class DiscoveryLogPage : LogPage
{
    private const byte Supported = DiscoveryLog.Extended | DiscoveryLog.PortLocal;

    /// <inheritdoc/>
    public override byte LogPageId => 0x70;

    /// <inheritdoc/>
    public override string Name => "Discovery";

    /// <inheritdoc/>
    public override bool IsForIo => false;

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override ushort SupportedParameters => Supported;

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        // Wishes that are not known (ALLSUBE) are not fulfilled, and DLPF says so.
        byte wishes = (byte)(LogPageRequest.Parse(context.Entry).SpecificParameter & Supported);
        return context.Controller!.ReadDiscoveryLog(isPortLocal: (wishes & DiscoveryLog.PortLocal) != 0)
            .Read(offset, destination, wishes);
    }
}
