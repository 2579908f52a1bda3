namespace ManagedNvmet.Target.Features;

/// <summary>Arbitration (FID 01h). Kept for the host; with a connection for each queue there is nothing to arbitrate.</summary>
public sealed class Arbitration : ValueFeature
{
    /// <inheritdoc/>
    public override byte FeatureId => 0x01;

    /// <inheritdoc/>
    public override string Name => "Arbitration";

    /// <summary>Arbitration Burst 111b: no limit.</summary>
    public override uint Default => 7;

    /// <inheritdoc/>
    protected override NvmeStatus Check(ref uint value, FeatureSet features)
    {
        // Bits 7:3 are reserved.
        value &= 0xFFFF_FF07;
        return NvmeStatus.Success;
    }
}
