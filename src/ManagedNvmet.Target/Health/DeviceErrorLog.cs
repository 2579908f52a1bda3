using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Health;

/// <summary>Tells the log of commands that fail in a device: the medium has an error, the store is full, or the device is gone. The
/// first of a kind at once, the others as a number every <see cref="IntervalSeconds"/> seconds.</summary>
/// <remarks>Thread-safe. A kind is a namespace, an operation and a status. Memory is bounded by <see cref="MaxKinds"/>.</remarks>
internal sealed partial class DeviceErrorLog(ILogger logger, TimeProvider time)
{
    /// <summary>Least time between two lines of one kind, in seconds.</summary>
    public const int IntervalSeconds = 10;

    /// <summary>Kinds that are remembered; a further one makes all be forgotten, so that it may be logged early.</summary>
    public const int MaxKinds = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(Nqn Subsystem, uint NamespaceId, BlockOperation Operation, ushort Status), Kind> _kinds = [];

    /// <summary>True for a status that says that the device failed, and not that the command was wrong.</summary>
    public static bool IsDeviceError(NvmeStatus status)
    {
        const int mediaErrorType = 2;
        return status.CodeType == mediaErrorType || status.IsSameCode(NvmeStatus.CapacityExceeded)
            || status.IsSameCode(NvmeStatus.InternalError);
    }

    /// <summary>Notes that a command failed in a device.</summary>
    public void Add(Nqn subsystem, uint namespaceId, BlockDevice device, BlockOperation operation, NvmeStatus status)
    {
        long count;
        lock (_gate)
        {
            var key = (subsystem, namespaceId, operation, status.Value);
            if (!_kinds.TryGetValue(key, out Kind? kind))
            {
                if (_kinds.Count == MaxKinds)
                    _kinds.Clear();
                _kinds.Add(key, kind = new Kind());
            }
            kind.Count++;
            long now = time.GetTimestamp();
            if (kind.LoggedAt is { } last && time.GetElapsedTime(last, now).TotalSeconds < IntervalSeconds)
                return;
            kind.LoggedAt = now;
            count = kind.Count;
            kind.Count = 0;
        }
        LogDeviceError(logger, operation, namespaceId, subsystem, device, status, MeaningOf(status), count);
    }

    private static string MeaningOf(NvmeStatus status) =>
        status.IsSameCode(NvmeStatus.CapacityExceeded) ? "the store is full"
        : status.IsSameCode(NvmeStatus.WriteFault) ? "the device could not write"
        : status.IsSameCode(NvmeStatus.UnrecoveredReadError) ? "the device could not read"
        : status.IsSameCode(NvmeStatus.InternalError) ? "the device is gone, busy, or failed for another reason"
        : "the device reports a media error";

    [LoggerMessage(24, LogLevel.Warning, "{Operation} failed in namespace {NamespaceId} of {SubsystemNqn} on device {Device}: status "
        + "{Status}, {Meaning} ({Count} such commands since the last line)")]
    private static partial void LogDeviceError(ILogger logger, BlockOperation operation, uint namespaceId, Nqn subsystemNqn,
        BlockDevice device, NvmeStatus status, string meaning, long count);

    private sealed class Kind
    {
        public long Count { get; set; }

        public long? LoggedAt { get; set; }
    }
}
