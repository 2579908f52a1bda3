using System.Buffers.Binary;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Features;

/// <summary>Timestamp (FID 0Eh): 48 bits of milliseconds, an attribute byte, a reserved byte.</summary>
public sealed class Timestamp : Feature
{
    private const int FieldBytes = 8;

    // Timestamp Origin, bits 3:1 of the attribute byte: 000b when it counts from the reset, 001b when the host has set it.
    private const ulong SetByHost = 1ul << 49;
    private const ulong MillisecondsMask = 0xFFFF_FFFF_FFFF;

    /// <inheritdoc/>
    public override byte FeatureId => 0x0E;

    /// <inheritdoc/>
    public override string Name => "Timestamp";

    /// <inheritdoc/>
    public override OptionalSupport OptionalSupport => OptionalSupport.Timestamp;

    /// <inheritdoc/>
    public override int DataLength(in SubmissionEntry entry) => FieldBytes;

    /// <inheritdoc/>
    public override NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result)
    {
        result = 0;
        FeatureSet features = request.Features;
        ulong value = isDefault ? 0 : features.TimestampMilliseconds | (features.IsTimestampSet ? SetByHost : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(request.Data, value);
        return NvmeStatus.Success;
    }

    /// <inheritdoc/>
    public override NvmeStatus Set(in FeatureRequest request, out uint result)
    {
        result = 0;
        request.Features.SetTimestamp(BinaryPrimitives.ReadUInt64LittleEndian(request.Data) & MillisecondsMask);
        return NvmeStatus.Success;
    }
}
