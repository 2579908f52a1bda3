namespace ManagedNvmet.Target.Features;

/// <summary>Volatile Write Cache (FID 06h). Turned off, every write that comes through this controller is durable when it
/// completes.</summary>
/// <remarks>The medium's own cache is shared with other hosts and stays on; what was written before is made durable by the next
/// Flush.</remarks>
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
