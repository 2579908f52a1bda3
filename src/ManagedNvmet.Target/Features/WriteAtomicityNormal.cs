namespace ManagedNvmet.Target.Features;

/// <summary>Write Atomicity Normal (FID 0Ah). The target stores the value and does not use it, because it guarantees atomicity only for one
/// block (AWUN = 0).</summary>
public sealed class WriteAtomicityNormal : ValueFeature
{
    private const uint DisableNormalBit = 1;

    /// <inheritdoc/>
    public override byte FeatureId => 0x0A;

    /// <inheritdoc/>
    public override string Name => "Write Atomicity Normal";

    /// <inheritdoc/>
    protected override NvmeStatus Check(ref uint value, FeatureSet features)
    {
        value &= DisableNormalBit;
        return NvmeStatus.Success;
    }
}
