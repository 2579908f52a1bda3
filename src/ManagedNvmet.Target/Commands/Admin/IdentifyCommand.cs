using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Identify;

namespace ManagedNvmet.Target.Commands.Admin;

/// <summary>Identify (06h).</summary>
public sealed class IdentifyCommand : Command
{
    /// <inheritdoc/>
    public override byte Opcode => AdminOpcode.Identify;

    /// <inheritdoc/>
    public override string Name => "Identify";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context) =>
        IdentifyPage.Check(context.Entry, context.Slot.SglLength, context.Controller!.IsDiscovery);

    /// <inheritdoc/>
    public override void Execute(CommandContext context) =>
        context.Finish(IdentifyPage.Find(context.Entry)!.Fill(context, context.Bytes));
}
