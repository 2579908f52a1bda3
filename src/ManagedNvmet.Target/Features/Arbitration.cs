namespace ManagedNvmet.Target.Features;

/// <summary>Arbitration (FID 01h). The target stores the value and does not use it, because each queue has its own connection.</summary>
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
