using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Fabrics;

/// <summary>Property Set: of CC, the one property that can be written. Slow work goes on after the command; the host polls CSTS.</summary>
internal sealed class PropertySetCommand : FabricsCommand
{
    public override byte Opcode => FabricsCommandType.PropertySet;

    public override string Name => "Property Set";

    public override bool IsForDiscovery => true;

    public override void Execute(CommandContext context)
    {
        // ATTRIB: bits 2:0 are the size, 0 for 4 bytes.
        bool hasFourBytes = (context.Entry.Cdw10 & 7) == 0;
        context.Finish(
            hasFourBytes ? context.Controller!.WriteProperty(context.Entry.Cdw11, context.Entry.Cdw12) : NvmeStatus.InvalidField);
    }
}
