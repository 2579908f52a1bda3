namespace ManagedNvmet.Target.Features;

/// <summary>Number of Queues (FID 07h): the number of I/O queues that the host may connect.</summary>
public sealed class NumberOfQueues : Feature
{
    /// <summary>FID.</summary>
    public const byte Id = 0x07;

    private const uint Reserved = 0xFFFF;

    /// <inheritdoc/>
    public override byte FeatureId => Id;

    /// <inheritdoc/>
    public override string Name => "Number of Queues";

    /// <inheritdoc/>
    public override NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result)
    {
        result = Pack(isDefault ? request.Features.Owner.Limits.MaxIoQueues : request.Features.IoQueuesGranted);
        return NvmeStatus.Success;
    }

    /// <inheritdoc/>
    public override NvmeStatus Set(in FeatureRequest request, out uint result)
    {
        result = 0;
        uint submissionQueues = request.Entry.Cdw11 & 0xFFFF;
        uint completionQueues = request.Entry.Cdw11 >> 16;
        if (submissionQueues == Reserved || completionQueues == Reserved)
            return NvmeStatus.InvalidField;
        if (request.Features.Owner.IoQueueCount > 0)
            return NvmeStatus.CommandSequenceError;

        // Over fabrics a submission queue and a completion queue form a pair, so the smaller number applies. Both fields are 0's based.
        int granted = (int)Math.Min(Math.Min(submissionQueues, completionQueues) + 1, (uint)request.Features.Owner.Limits.MaxIoQueues);
        request.Features[FeatureId] = (uint)granted;
        result = Pack(granted);
        return NvmeStatus.Success;
    }

    private static uint Pack(int queues) => (uint)(queues - 1) | ((uint)(queues - 1) << 16);
}
