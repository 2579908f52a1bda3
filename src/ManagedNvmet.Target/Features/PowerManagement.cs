namespace ManagedNvmet.Target.Features;

/// <summary>Power Management (FID 02h). There is one power state (NPSS = 0).</summary>
public sealed class PowerManagement : ValueFeature
{
    private const uint PowerStateMask = 0x1F;
    private const uint WorkloadHintMask = 0xE0;

    /// <inheritdoc/>
    public override byte FeatureId => 0x02;

    /// <inheritdoc/>
    public override string Name => "Power Management";

    /// <inheritdoc/>
    protected override NvmeStatus Check(ref uint value, FeatureSet features)
    {
        if ((value & PowerStateMask) != 0)
            return NvmeStatus.InvalidField;
        value &= WorkloadHintMask;
        return NvmeStatus.Success;
    }
}
