using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>Checks the SGL of a command and its in-capsule data (NVMe/TCP Transport Specification, "SGL descriptors").</summary>
internal static class SglRules
{
    /// <param name="entry">The command.</param>
    /// <param name="inCapsuleBytes">Bytes of data in the capsule.</param>
    /// <param name="inCapsuleLimit">Most bytes of data that this command may have in the capsule.</param>
    /// <param name="transferBytes">Bytes that the command transfers; 0 unless the result is success.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NvmeStatus Check(in SubmissionEntry entry, int inCapsuleBytes, int inCapsuleLimit, out uint transferBytes)
    {
        transferBytes = 0;
        DataDirection direction = entry.Direction;
        if (direction == DataDirection.None)
        {
            // Hosts fill the SGL of a command without data differently; it is ignored, because nothing is transferred.
            return inCapsuleBytes == 0 ? NvmeStatus.Success : NvmeStatus.InvalidField;
        }
        int psdt = entry.Flags >> 6;
        if (psdt is not (1 or 2) || direction == DataDirection.Bidirectional)
            return NvmeStatus.InvalidField;
        switch (entry.SglType)
        {
            case SubmissionEntry.SglInCapsule when direction == DataDirection.ControllerToHost:
                return NvmeStatus.InvalidField;
            case SubmissionEntry.SglInCapsule:
                if (entry.SglAddress != 0)
                    return NvmeStatus.SglOffsetInvalid;
                if (entry.SglLength != inCapsuleBytes || inCapsuleBytes > inCapsuleLimit)
                    return NvmeStatus.DataSglLengthInvalid;
                break;
            case SubmissionEntry.SglTransport:
                if (inCapsuleBytes != 0)
                    return NvmeStatus.InvalidField;
                break;
            default:
                return NvmeStatus.SglDescriptorTypeInvalid;
        }
        transferBytes = entry.SglLength;
        return NvmeStatus.Success;
    }
}
