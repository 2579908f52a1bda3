using ManagedNvmet.Io.Memory;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Disks;

/// <summary>Disk operations through an io_uring: one system call submits several operations, and completions are read from shared
/// memory.</summary>
internal sealed class UringDiskQueue : DiskQueue
{
    private const int MaxSubmissions = 256;

    // Operations that are submitted together start together and tend to end together; host and disk then wait for each other in turns. With
    // at most eight at a time both work at the same time (docs/decisions/0001-epoll-and-a-ring-for-disks.md).
    private const int MostUnsubmitted = 8;
    private const uint Dsync = 0x2;
    private const uint FsyncDataOnly = 0x1;

    private readonly UringRing _ring;
    private readonly EventDescriptor _wake;
    private readonly DiskWorkers _workers;
    private readonly RegisteredArena? _registered;
    private readonly int _depth;

    // Operations beyond the depth. The number in the kernel is bounded, so that the completion ring never overflows.
    private DiskOperationList _waiting;
    private int _inKernel;

    private UringDiskQueue(UringRing ring, EventDescriptor wake, DiskWorkers workers, BufferArena? arena, int depth)
    {
        _ring = ring;
        _wake = wake;
        _workers = workers;
        _registered = arena is null ? null : new RegisteredArena(ring, arena);
        _depth = Math.Min(depth, ring.CompletionCapacity);
        _ring.Mute();
    }

    /// <inheritdoc/>
    public override DiskEngine Engine => DiskEngine.Uring;

    /// <summary>Pieces of the arena that are registered with the ring.</summary>
    internal int RegisteredPieceCount => _registered?.Count ?? 0;

    /// <summary>Operations that were not submitted yet.</summary>
    internal int UnsubmittedCount => (int)_ring.UnsubmittedCount;

    /// <summary>Becomes readable when there are completions and the loop sleeps; watched edge-triggered and never read.</summary>
    public int WakeFd => _wake.Fd;

    /// <summary>Creates the queue, on the thread that will use it. Null where io_uring is not available.</summary>
    /// <param name="depth">Operations that the kernel has at a time.</param>
    /// <param name="workers">Runs operations that io_uring cannot do without blocking.</param>
    /// <param name="arena">Memory that is registered with the ring when it is first used, or null.</param>
    /// <param name="reason">The reason when the result is null.</param>
    public static UringDiskQueue? TryCreate(int depth, DiskWorkers workers, BufferArena? arena, out string reason)
    {
        UringRing? ring = UringRing.TryCreate(Math.Min(depth, MaxSubmissions), Math.Max(depth, 2), out reason);
        if (ring is null)
            return null;
        var wake = new EventDescriptor();
        int result = ring.AnnounceBy(wake);
        if (result >= 0)
            return new UringDiskQueue(ring, wake, workers, arena, depth);
        ring.Dispose();
        wake.Dispose();
        reason = new SystemCallException("io_uring_register", -result).Message;
        return null;
    }

    /// <inheritdoc/>
    public override void SubmitPending()
    {
        while (_inKernel < _depth && _waiting.TryTake(out DiskOperation operation))
            Add(operation);

        // After an error, for example out of memory, the next round submits the rest; it follows at once.
        if (_ring.UnsubmittedCount != 0)
            _ring.Enter();
    }

    /// <inheritdoc/>
    public override void Reap()
    {
        if (_ring.NeedsTaskRun)
            _ring.Enter();

        // Operations that end meanwhile are handled in the next round, so that sends are not delayed.
        for (int left = _ring.CompletionCount; left > 0 && _ring.TryTake(out ulong index, out int result); left--)
        {
            _inKernel--;
            DiskOperation operation = this[(int)index];

            // The kernel cannot run it without blocking: a worker thread does.
            if (result == -Errno.EAGAIN)
                _workers.Run(operation);
            else
                Finish(operation, result);
        }
    }

    internal override bool HasWork =>
        _ring.UnsubmittedCount != 0 || _ring.HasCompletions || (_inKernel < _depth && !_waiting.IsEmpty);

    internal override bool TryBeginSleep()
    {
        _ring.Unmute();
        return !HasWork;
    }

    internal override void EndSleep() => _ring.Mute();

    internal override void Close()
    {
        _ring.Dispose();
        _wake.Dispose();
    }

    private protected override void Begin(DiskOperation operation)
    {
        if (operation.Kind >= DiskOperationKind.DeviceDiscard)
            _workers.Run(operation);
        else if (_inKernel < _depth && _waiting.IsEmpty)
            Add(operation);
        else
            _waiting.Add(operation);
    }

    private void Add(DiskOperation operation)
    {
        UringSubmission submission = Describe(operation);
        if (!_ring.TryAdd(submission))
        {
            _ring.Enter();
            if (!_ring.TryAdd(submission))
            {
                _waiting.Add(operation);
                return;
            }
        }
        _inKernel++;
        if (_ring.UnsubmittedCount >= MostUnsubmitted)
            _ring.Enter();
    }

    private UringSubmission Describe(DiskOperation operation)
    {
        var submission = new UringSubmission { Fd = operation.Fd, UserData = (ulong)operation.Index };
        switch (operation.Kind)
        {
            case DiskOperationKind.Sync:
            case DiskOperationKind.SyncData:
                submission.Opcode = UringSubmission.OpcodeFsync;
                submission.OperationFlags = operation.Kind == DiskOperationKind.SyncData ? FsyncDataOnly : 0;
                break;
            case DiskOperationKind.Fallocate:
                submission.Opcode = UringSubmission.OpcodeFallocate;
                submission.Offset = (ulong)operation.Offset;
                submission.Address = (ulong)operation.Length;
                submission.Length = (uint)operation.Mode;
                break;
            default:
                bool isRead = operation.Kind == DiskOperationKind.Read;
                int buffer = _registered?.IndexOf(operation.Data) ?? -1;
                if (buffer >= 0)
                {
                    submission.Opcode = isRead ? UringSubmission.OpcodeReadFixed : UringSubmission.OpcodeWriteFixed;
                    submission.BufferIndex = (ushort)buffer;
                }
                else
                {
                    submission.Opcode = isRead ? UringSubmission.OpcodeRead : UringSubmission.OpcodeWrite;
                }
                submission.OperationFlags = operation.Kind == DiskOperationKind.WriteDurable ? Dsync : 0;
                submission.Offset = (ulong)(operation.Offset + operation.Done);
                submission.Address = (ulong)operation.Address;
                submission.Length = (uint)(operation.Length - operation.Done);
                break;
        }
        return submission;
    }
}
