using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Discovery;

namespace ManagedNvmet.Target.Commands.Admin;

/// <summary>Discovery Information Management (21h): a host registers itself, changes what it has registered, or takes it back.</summary>
internal sealed class DiscoveryInformationCommand : Command
{
    private const uint Deregister = 1;
    private const uint Update = 2;

    public override byte Opcode => AdminOpcode.DiscoveryInformationManagement;

    public override string Name => "Discovery Information Management";

    public override bool IsForIo => false;

    public override bool IsForDiscovery => true;

    public override NvmeStatus Admit(CommandContext context)
    {
        if (Task(context) > Update)
            return NvmeStatus.InvalidField;
        uint length = context.Slot.SglLength;
        if (length < DiscoveryInformation.HeaderBytes)
            return NvmeStatus.DataSglLengthInvalid;
        return length <= (uint)context.Controller!.Limits.Connection.MaxTransferBytes ? NvmeStatus.Success : NvmeStatus.InvalidField;
    }

    public override void Execute(CommandContext context)
    {
        ControllerEnvironment controller = context.Controller!;
        NvmeStatus status = DiscoveryInformation.Read(
            context.Bytes,
            controller.HostNqn,
            new Guid(controller.HostId, bigEndian: true),
            controller.HostAddress,
            controller.Now,
            out RegisteredHost? host);
        if (status.IsSuccess && Task(context) == Deregister)
            controller.Registrations.Remove(controller.HostNqn);
        else if (status.IsSuccess && !controller.Registrations.TryAdd(host!))
            status = NvmeStatus.InsufficientDiscoveryResources;
        context.Finish(status);
    }

    // TAS; an update of what is not registered is a registration.
    private static uint Task(CommandContext context) => (uint)context.Entry.Cdw10 & 0xF;
}
