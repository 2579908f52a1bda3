namespace ManagedNvmet.Target.Features;

/// <summary>Error Recovery (FID 05h), for each namespace. Fixed: no time limit (TLER = 0), and reading a deallocated block is no error
/// (DULBE = 0, since NSFEAT does not offer it).</summary>
public sealed class ErrorRecovery : Feature
{
    /// <inheritdoc/>
    public override byte FeatureId => 0x05;

    /// <inheritdoc/>
    public override string Name => "Error Recovery";

    /// <inheritdoc/>
    public override bool IsChangeable => false;

    /// <inheritdoc/>
    public override bool IsNamespaceSpecific => true;

    /// <inheritdoc/>
    public override NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result)
    {
        result = 0;
        return NvmeStatus.Success;
    }
}
