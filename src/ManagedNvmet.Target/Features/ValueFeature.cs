namespace ManagedNvmet.Target.Features;

/// <summary>A feature of one dword that the host sets.</summary>
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

    /// <summary>Checks a value, and clears its unsupported bits.</summary>
    protected abstract NvmeStatus Check(ref uint value, FeatureSet features);
}
