namespace ManagedNvmet.Target.Features;

/// <summary>Keep Alive Timer (FID 0Fh): the Keep Alive Timeout (KATO) in milliseconds, 0 for none.</summary>
/// <remarks>The Connect command sets the default, which the controller keeps.</remarks>
public sealed class KeepAliveTimer : Feature
{
    /// <inheritdoc/>
    public override byte FeatureId => 0x0F;

    /// <inheritdoc/>
    public override string Name => "Keep Alive Timer";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result)
    {
        result = isDefault ? 0 : request.Features.Owner.KeepAliveMilliseconds;
        return NvmeStatus.Success;
    }

    /// <inheritdoc/>
    public override NvmeStatus Set(in FeatureRequest request, out uint result)
    {
        result = 0;
        request.Features.Owner.SetKeepAlive(request.Entry.Cdw11);
        return NvmeStatus.Success;
    }
}
