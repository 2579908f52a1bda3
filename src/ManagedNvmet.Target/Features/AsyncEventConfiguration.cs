namespace ManagedNvmet.Target.Features;

/// <summary>Asynchronous Event Configuration (FID 0Bh): the events that the host enables.</summary>
/// <remarks>The target clears the bits of unsupported events instead of refusing them. Hosts set the bits of all events that they know, and
/// a host that is refused would receive no events at all.</remarks>
public sealed class AsyncEventConfiguration : ValueFeature
{
    /// <summary>FID.</summary>
    public const byte Id = 0x0B;

    /// <inheritdoc/>
    public override byte FeatureId => Id;

    /// <inheritdoc/>
    public override string Name => "Asynchronous Event Configuration";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <summary>Returns Optional Asynchronous Events Supported (OAES).</summary>
    public static AsyncEventNotices Supported(bool isDiscovery) =>
        isDiscovery
            ? AsyncEventNotices.DiscoveryLogChange
            : AsyncEventNotices.NamespaceAttribute | AsyncEventNotices.AnaChange;

    /// <inheritdoc/>
    protected override NvmeStatus Check(ref uint value, FeatureSet features)
    {
        AsyncEventNotices known = Supported(features.Owner.IsDiscovery);
        if (!features.Owner.IsDiscovery)
            known |= AsyncEventNotices.HealthWarnings;
        value &= (uint)known;
        return NvmeStatus.Success;
    }
}
