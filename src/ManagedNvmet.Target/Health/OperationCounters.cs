using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Target.Health;

/// <summary>The counters of one queue, namespace and operation. One thread writes, with plain additions; others read.</summary>
internal sealed class OperationCounters
{
    private readonly long[] _latency = new long[LatencyBuckets.Count];
    private Cells _cells;

    // Commands that ended in the round in hand, and the bytes that they transferred: only the writer looks at these.
    private int _roundCommands;
    private long _roundBytes;

    /// <summary>The next of those with commands in the round in hand; the queue's.</summary>
    public OperationCounters? NextOfRound { get; set; }

    /// <summary>Counts a command that succeeded in the round in hand: with the others of the round, in <see cref="EndRound"/>.</summary>
    /// <returns>True for the first of the round.</returns>
    public bool AddToRound(uint transferred)
    {
        _roundBytes += transferred;
        return _roundCommands++ == 0;
    }

    /// <summary>Counts the commands of the round.</summary>
    /// <param name="microseconds">Their latency; negative when it is not measured.</param>
    public void EndRound(long microseconds)
    {
        int count = _roundCommands;
        Add(ref _cells.Commands, count);
        Add(ref _cells.Bytes, _roundBytes);
        AddLatency(microseconds, count);
        _roundCommands = 0;
        _roundBytes = 0;
    }

    /// <summary>Counts one command.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="transferred">Bytes that it was to transfer: counted where it succeeded.</param>
    /// <param name="microseconds">Its latency; negative when it is not measured.</param>
    public void Record(NvmeStatus status, uint transferred, long microseconds)
    {
        const int mediaErrorType = 2;

        // A reader that meets this in between sees a command that has not failed yet, and never less than no command.
        Add(ref _cells.Commands, 1);
        if (status.IsSuccess)
            Add(ref _cells.Bytes, transferred);
        else
            Add(ref _cells.Errors, 1);
        if (status.CodeType == mediaErrorType)
            Add(ref _cells.MediaErrors, 1);
        if (DeviceErrorLog.IsDeviceError(status))
            Add(ref _cells.DeviceErrors, 1);
        AddLatency(microseconds, 1);
    }

    /// <summary>From any thread.</summary>
    public OperationTotals Read()
    {
        ImmutableArray<long>.Builder copy = ImmutableArray.CreateBuilder<long>(_latency.Length);
        for (int index = 0; index < _latency.Length; index++)
            copy.Add(Volatile.Read(ref _latency[index]));
        return new OperationTotals
        {
            Errors = Volatile.Read(ref _cells.Errors),
            Commands = Volatile.Read(ref _cells.Commands),
            Bytes = Volatile.Read(ref _cells.Bytes),
            LatencyMicroseconds = Volatile.Read(ref _cells.LatencyMicroseconds),
            Latency = copy.MoveToImmutable(),
        };
    }

    /// <summary>What commands of this operation add to the health of their namespace. From any thread.</summary>
    public HealthTotals ReadHealth(BlockOperation operation)
    {
        long errors = Volatile.Read(ref _cells.Errors);
        var succeeded = (ulong)(Volatile.Read(ref _cells.Commands) - errors);
        var bytes = (ulong)Volatile.Read(ref _cells.Bytes);
        HealthTotals totals = operation switch
        {
            BlockOperation.Read => new HealthTotals { ReadBytes = bytes, ReadCommands = succeeded },
            BlockOperation.Write => new HealthTotals { WrittenBytes = bytes, WriteCommands = succeeded },
            _ => default,
        };
        return totals with
        {
            MediaErrors = (ulong)Volatile.Read(ref _cells.MediaErrors),
            DeviceErrors = (ulong)Volatile.Read(ref _cells.DeviceErrors),
        };
    }

    private void AddLatency(long microseconds, int count)
    {
        if (microseconds < 0)
            return;
        Add(ref _cells.LatencyMicroseconds, microseconds * count);
        Add(ref _latency[LatencyBuckets.IndexOf(microseconds)], count);
    }

    private static void Add(ref long cell, long amount) => Volatile.Write(ref cell, cell + amount);

    // As large as two cache lines, so that no two queues write into one.
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Cells
    {
        public long Commands;
        public long Errors;
        public long MediaErrors;
        public long DeviceErrors;
        public long Bytes;
        public long LatencyMicroseconds;
    }
}
