namespace ManagedNvmet.Target.Features;

/// <summary>Volatile Write Cache (FID 06h). When the host disables it, every write through this controller is durable when it
/// completes.</summary>
/// <remarks>The cache of the medium stays enabled, because other hosts share it. The next Flush makes earlier writes durable.</remarks>
public sealed class VolatileWriteCache : ValueFeature
{
    /// <summary>FID.</summary>
    public const byte Id = 0x06;

    /// <summary>WCE.</summary>
    public const uint EnableBit = 1;

    /// <inheritdoc/>
    public override byte FeatureId => Id;

    /// <inheritdoc/>
    public override string Name => "Volatile Write Cache";

    /// <inheritdoc/>
    public override uint Default => EnableBit;

    /// <inheritdoc/>
    public override bool IsAvailable(FeatureSet features) => base.IsAvailable(features) && features.HasVolatileWriteCache;

    /// <inheritdoc/>
    protected override NvmeStatus Check(ref uint value, FeatureSet features)
    {
        value &= EnableBit;
        return NvmeStatus.Success;
    }
}
