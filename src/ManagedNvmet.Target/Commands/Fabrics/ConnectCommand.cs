using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Fabrics;

/// <summary>Connect: makes a connection the admin queue of a new controller, or an I/O queue of one that is there.</summary>
internal sealed class ConnectCommand : FabricsCommand
{
    public const byte FabricsType = FabricsCommandType.Connect;

    public override byte Opcode => FabricsType;

    public override string Name => "Connect";

    public override bool IsForDiscovery => true;

    public override bool IsForIoQueue => true;

    public override NvmeStatus Admit(CommandContext context) => context.Queue.AdmitConnect(context);

    public override void Execute(CommandContext context) => context.Queue.Connect(context);
}
