using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Features;

namespace ManagedNvmet.Target.Commands.Admin;

/// <summary>Get Features (0Ah).</summary>
public sealed class GetFeaturesCommand : Command
{
    /// <inheritdoc/>
    public override byte Opcode => AdminOpcode.GetFeatures;

    /// <inheritdoc/>
    public override string Name => "Get Features";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context)
    {
        ControllerEnvironment controller = context.Controller!;
        bool isActive = controller.View.Find(context.Entry.NamespaceId) is not null;
        return FeatureAdmission.CheckGet(context.Entry, context.Slot.SglLength, controller.Features, isActive);
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
        FeatureSelect select = FeatureAdmission.Select(context.Entry);
        if (select is FeatureSelect.Capabilities)
        {
            context.Bytes.Clear();
            context.Finish(NvmeStatus.Success, feature.Capabilities);
            return;
        }
        var request = new FeatureRequest(features, in context.Entry, context.Bytes);
        NvmeStatus status = feature.Get(request, select is not FeatureSelect.Current, out uint result);
        context.Finish(status, result);
    }
}
