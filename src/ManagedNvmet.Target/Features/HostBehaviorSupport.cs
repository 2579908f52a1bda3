using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Features;

/// <summary>Host Behavior Support (FID 16h): the abilities of the host. Four flags of a byte each, then Copy Descriptor Formats
/// Enable.</summary>
public sealed class HostBehaviorSupport : Feature
{
    /// <summary>The number of bytes that are not reserved: ACRE, ETDAS, LBAFEE, HDISNS, CDFE.</summary>
    internal const int FieldBytes = 6;

    private const int StructureBytes = 512;
    private const int SwitchCount = 4;

    /// <inheritdoc/>
    public override byte FeatureId => 0x16;

    /// <inheritdoc/>
    public override string Name => "Host Behavior Support";

    /// <inheritdoc/>
    public override int DataLength(in SubmissionEntry entry) => StructureBytes;

    /// <inheritdoc/>
    public override NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result)
    {
        result = 0;
        request.Data.Clear();
        if (!isDefault)
            request.Features.HostBehavior.CopyTo(request.Data);
        return NvmeStatus.Success;
    }

    /// <inheritdoc/>
    public override NvmeStatus Set(in FeatureRequest request, out uint result)
    {
        result = 0;
        foreach (byte value in request.Data[..SwitchCount])
        {
            if (value > 1)
                return NvmeStatus.InvalidField;
        }
        request.Data[..FieldBytes].CopyTo(request.Features.HostBehavior);
        return NvmeStatus.Success;
    }
}
