namespace ManagedNvmet.Target.Features;

/// <summary>Asynchronous Event Configuration (FID 0Bh): which events the host wants to hear of.</summary>
/// <remarks>Bits that stand for no event of this controller are dropped, not refused: hosts ask for all they know of,
/// and one that is refused goes without any events.</remarks>
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

    /// <summary>Optional Asynchronous Events Supported (OAES).</summary>
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
