using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Discovery;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Discovery (LID 70h). A host can request extended entries (EXTDLPE), and only the entries of the port to which it is connected
/// (PLEO).</summary>
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
        // The target does not support the request for all subsystems (ALLSUBE), which DLPF reports.
        byte wishes = (byte)(LogPageRequest.Parse(context.Entry).SpecificParameter & Supported);
        return context.Controller!.ReadDiscoveryLog(isPortLocal: (wishes & DiscoveryLog.PortLocal) != 0)
            .Read(offset, destination, wishes);
    }
}
