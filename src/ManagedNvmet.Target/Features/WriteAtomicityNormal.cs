namespace ManagedNvmet.Target.Features;

/// <summary>Write Atomicity Normal (FID 0Ah). Kept for the host: the target promises one block, which needs no help (AWUN = 0).</summary>
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
