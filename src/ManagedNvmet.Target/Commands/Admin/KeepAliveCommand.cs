using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Admin;

/// <summary>Keep Alive. Every command restarts the Keep Alive Timer, so this one has nothing of its own to do; it succeeds without a
/// timer too, since hosts send it then.</summary>
internal sealed class KeepAliveCommand : Command
{
    public override byte Opcode => AdminOpcode.KeepAlive;

    public override string Name => "Keep Alive";

    public override bool IsForDiscovery => true;

    public override void Execute(CommandContext context) => context.Finish(NvmeStatus.Success);
}
