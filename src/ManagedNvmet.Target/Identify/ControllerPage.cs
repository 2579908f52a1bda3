using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Identify;

/// <summary>Identify Controller (CNS 01h), of I/O and of discovery controllers.</summary>
public sealed class ControllerPage : IdentifyPage
{
    /// <inheritdoc/>
    public override byte Cns => 0x01;

    /// <inheritdoc/>
    public override string Name => "Identify Controller";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Fill(CommandContext context, Span<byte> page)
    {
        ControllerEnvironment controller = context.Controller!;
        SubsystemIdentity subsystem = controller.SubsystemIdentity;
        ControllerData.Fill(page, new ControllerFacts(
            controller.Id,
            subsystem.Nqn,
            subsystem.SerialNumber,
            subsystem.ModelNumber,
            subsystem.FirmwareRevision,
            controller.IsDiscovery,
            !controller.IsDiscovery && controller.Features.HasVolatileWriteCache,
            controller.Limits,
            controller.Commands));
        return NvmeStatus.Success;
    }
}
