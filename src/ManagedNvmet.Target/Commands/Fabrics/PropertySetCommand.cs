using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Controllers;

namespace ManagedNvmet.Target.Commands.Fabrics;

/// <summary>Property Set: of CC, the one property that can be written. Slow work goes on after the command; the host polls CSTS.</summary>
internal sealed class PropertySetCommand : FabricsCommand
{
    public override byte Opcode => FabricsCommandType.PropertySet;

    public override string Name => "Property Set";

    public override bool IsForDiscovery => true;

    public override void Execute(CommandContext context)
    {
        bool isConfiguration = (context.Entry.Cdw10 & 7) == 0 && context.Entry.Cdw11 == PropertyOffset.Configuration;
        context.Finish(isConfiguration ? context.Controller!.WriteConfiguration(context.Entry.Cdw12) : NvmeStatus.InvalidField);
    }
}
