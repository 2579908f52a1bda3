using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Fabrics;

/// <summary>Property Get. The result is the value of the property.</summary>
internal sealed class PropertyGetCommand : FabricsCommand
{
    public override byte Opcode => FabricsCommandType.PropertyGet;

    public override string Name => "Property Get";

    public override bool IsForDiscovery => true;

    public override void Execute(CommandContext context)
    {
        // ATTRIB: bits 2:0 are the size, 0 for 4 bytes and 1 for 8.
        var sizeCode = (int)(context.Entry.Cdw10 & 7);
        if (sizeCode <= 1 && context.Controller!.TryReadProperty(context.Entry.Cdw11, sizeCode == 0 ? 4 : 8, out ulong value))
            context.Finish(NvmeStatus.Success, value);
        else
            context.Finish(NvmeStatus.InvalidField);
    }
}
