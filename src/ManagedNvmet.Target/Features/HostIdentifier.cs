using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Features;

/// <summary>Host Identifier (FID 81h): HOSTID of the Connect command. Over fabrics it has 128 bits, and only Connect sets it.</summary>
public sealed class HostIdentifier : Feature
{
    private const uint ExtendedBit = 1;
    private const int ExtendedBytes = 16;
    private const int ShortBytes = 8;

    /// <inheritdoc/>
    public override byte FeatureId => 0x81;

    /// <inheritdoc/>
    public override string Name => "Host Identifier";

    /// <inheritdoc/>
    public override bool IsChangeable => false;

    /// <inheritdoc/>
    public override NvmeStatus Refusal => NvmeStatus.CommandSequenceError;

    /// <inheritdoc/>
    public override int DataLength(in SubmissionEntry entry) => IsExtended(entry) ? ExtendedBytes : ShortBytes;

    /// <inheritdoc/>
    public override NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result)
    {
        result = 0;
        if (!IsExtended(request.Entry))
        {
            // There is no 64-bit identifier. Tools that read every feature skip one that fails with Invalid Field, and stop at another
            // status.
            return NvmeStatus.InvalidField;
        }
        request.Data.Clear();
        if (!isDefault)
            request.Features.Owner.HostId.CopyTo(request.Data);
        return NvmeStatus.Success;
    }

    private static bool IsExtended(in SubmissionEntry entry) => (entry.Cdw11 & ExtendedBit) != 0;
}
