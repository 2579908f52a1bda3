namespace ManagedNvmet.Target.Features;

/// <summary>A feature that is one dword, kept as the host sets it.</summary>
public abstract class ValueFeature : Feature
{
    /// <inheritdoc/>
    public override NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result)
    {
        result = isDefault ? Default : request.Features[FeatureId];
        return NvmeStatus.Success;
    }

    /// <inheritdoc/>
    public override NvmeStatus Set(in FeatureRequest request, out uint result)
    {
        result = 0;
        uint value = request.Entry.Cdw11;
        NvmeStatus status = Check(ref value, request.Features);
        if (status.IsSuccess)
            request.Features[FeatureId] = value;
        return status;
    }

    /// <summary>Judges a value, and clears the bits of it that have no meaning here.</summary>
    protected abstract NvmeStatus Check(ref uint value, FeatureSet features);
}
