using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Features;

namespace ManagedNvmet.Target.Commands.Admin;

/// <summary>Set Features (09h).</summary>
public sealed class SetFeaturesCommand : Command
{
    /// <inheritdoc/>
    public override byte Opcode => AdminOpcode.SetFeatures;

    /// <inheritdoc/>
    public override string Name => "Set Features";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context)
    {
        ControllerEnvironment controller = context.Controller!;
        bool isActive = controller.View.Find(context.Entry.NamespaceId) is not null;
        return FeatureAdmission.CheckSet(context.Entry, context.Slot.SglLength, controller.Features, isActive);
    }

    /// <inheritdoc/>
    public override void Execute(CommandContext context)
    {
        FeatureSet features = context.Controller!.Features;

        // The feature may have gone between the two steps only by a reset of the controller, which ends its commands.
        if (FeatureAdmission.Find(context.Entry, features) is not { } feature)
        {
            context.Finish(NvmeStatus.InvalidField);
            return;
        }
        var request = new FeatureRequest(features, in context.Entry, context.Bytes);
        NvmeStatus status = feature.Set(request, out uint result);
        context.Finish(status, result);
    }
}
