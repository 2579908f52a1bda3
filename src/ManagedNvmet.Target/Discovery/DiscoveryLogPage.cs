using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.LogPages;

namespace ManagedNvmet.Target.Discovery;

/// <summary>Discovery (LID 70h).</summary>
internal sealed class DiscoveryLogPage : LogPage
{
    public override byte LogPageId => 0x70;

    public override string Name => "Discovery";

    public override bool IsForIo => false;

    public override bool IsForDiscovery => true;

    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination) =>
        context.Queue.Target.GetDiscoveryLog(context.Controller!).Read(offset, destination);
}
