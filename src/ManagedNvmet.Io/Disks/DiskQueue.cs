using ManagedNvmet.Io.Memory;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Disks;

/// <summary>Disk operations of one shard, started and completed on its thread without blocking it.</summary>
/// <remarks>Data memory must not move: buffers of a <see cref="BufferArena"/>, pinned arrays or native memory. The queue uses the memory
/// and the file descriptor until the completion. Outstanding operations run in any order. Nothing is allocated for an operation once the
/// pool has grown to the load.</remarks>
public abstract class DiskQueue
{
    private DiskOperation? _free;
    private DiskOperation[] _all = new DiskOperation[64];
    private int _allCount;

    private protected DiskQueue()
    {
    }

    /// <summary>Operations that were started and have not completed.</summary>
    public int Outstanding { get; private set; }

    /// <summary>The engine of this queue: never <see cref="DiskEngine.Auto"/>.</summary>
    public abstract DiskEngine Engine { get; }

    /// <summary>Reads until <paramref name="data"/> is full, the file ends, or an error occurs.</summary>
    /// <param name="fd">A file or block device, open for reading.</param>
    /// <param name="data">At least one byte of memory that does not move; for O_DIRECT aligned as the device asks.</param>
    /// <param name="offset">Offset in the file in bytes.</param>
    /// <param name="completion">Told the number of bytes, or -errno.</param>
    /// <param name="state">Handed to the completion.</param>
    public void Read(int fd, Memory<byte> data, long offset, IDiskCompletion completion, object? state = null) =>
        Transfer(DiskOperationKind.Read, fd, data, offset, completion, state);

    /// <summary>Writes all of <paramref name="data"/>, or fails.</summary>
    /// <param name="fd">A file or block device, open for writing.</param>
    /// <param name="data">At least one byte of memory that does not move; for O_DIRECT aligned as the device asks.</param>
    /// <param name="offset">Offset in the file in bytes.</param>
    /// <param name="durable">The data is durable when the operation completes (RWF_DSYNC).</param>
    /// <param name="completion">Told the number of bytes, or -errno.</param>
    /// <param name="state">Handed to the completion.</param>
    public void Write(int fd, Memory<byte> data, long offset, bool durable, IDiskCompletion completion, object? state = null) =>
        Transfer(durable ? DiskOperationKind.WriteDurable : DiskOperationKind.Write, fd, data, offset, completion, state);

    /// <summary>Makes all completed writes durable: fdatasync when <paramref name="dataOnly"/>, fsync otherwise.</summary>
    public void Sync(int fd, bool dataOnly, IDiskCompletion completion, object? state = null) =>
        Start(dataOnly ? DiskOperationKind.SyncData : DiskOperationKind.Sync, fd, 0, 0, 0, completion, state);

    /// <summary>Changes how a range is allocated: fallocate with these mode bits.</summary>
    public void Fallocate(int fd, FallocateMode mode, long offset, long length, IDiskCompletion completion, object? state = null) =>
        Start(DiskOperationKind.Fallocate, fd, (int)mode, offset, length, completion, state);

    /// <summary>Deallocates a range of a file: it then reads as zeros, and the size stays.</summary>
    public void PunchHole(int fd, long offset, long length, IDiskCompletion completion, object? state = null) =>
        Fallocate(fd, FallocateMode.PunchHole | FallocateMode.KeepSize, offset, length, completion, state);

    /// <summary>Makes a range of a file read as zeros and stay allocated, where the file system supports it without writing.</summary>
    public void ZeroRange(int fd, long offset, long length, IDiskCompletion completion, object? state = null) =>
        Fallocate(fd, FallocateMode.ZeroRange | FallocateMode.KeepSize, offset, length, completion, state);

    /// <summary>Discards a range of a block device (BLKDISCARD).</summary>
    public void DeviceDiscard(int fd, long offset, long length, IDiskCompletion completion, object? state = null) =>
        Start(DiskOperationKind.DeviceDiscard, fd, 0, offset, length, completion, state);

    /// <summary>Makes a range of a block device read as zeros (BLKZEROOUT); the kernel writes zeros where the device cannot.</summary>
    public void DeviceZeroOut(int fd, long offset, long length, IDiskCompletion completion, object? state = null) =>
        Start(DiskOperationKind.DeviceZeroOut, fd, 0, offset, length, completion, state);

    /// <summary>Submits started operations to the kernel. The shard calls it once a round.</summary>
    public abstract void SubmitPending();

    /// <summary>Calls the completions of ended operations. The shard calls it once a round.</summary>
    public abstract void Reap();

    /// <summary>True when there is an operation to submit or a completion to handle.</summary>
    internal abstract bool HasWork { get; }

    /// <summary>Asks for a wake-up at the next completion. False when there is work already: then the loop must not sleep.</summary>
    internal abstract bool TryBeginSleep();

    /// <summary>Withdraws <see cref="TryBeginSleep"/>: the loop is awake.</summary>
    internal abstract void EndSleep();

    /// <summary>Releases the resources of the queue. Nothing is outstanding.</summary>
    internal abstract void Close();

    /// <summary>Starts an operation, or continues it at <see cref="DiskOperation.Done"/>.</summary>
    private protected abstract void Begin(DiskOperation operation);

    /// <summary>Takes the result of one system call, and continues or completes the operation. On the shard's thread.</summary>
    internal void Finish(DiskOperation operation, long result)
    {
        if (result == -Errno.EINTR)
        {
            Begin(operation);
            return;
        }
        if (operation.IsTransfer && result > 0)
        {
            operation.Done += result;
            if (operation.Done < operation.Length)
            {
                Begin(operation);
                return;
            }
        }
        if (result >= 0)
            result = operation.Done;

        IDiskCompletion completion = operation.Completion!;
        object? state = operation.State;
        operation.Completion = null;
        operation.State = null;
        operation.Data = default;
        operation.Next = _free;
        _free = operation;
        Outstanding--;
        completion.OnDiskCompleted(result, state);
    }

    /// <summary>The operation with this index.</summary>
    private protected DiskOperation this[int index] => _all[index];

    private void Transfer(DiskOperationKind kind, int fd, Memory<byte> data, long offset, IDiskCompletion completion, object? state)
    {
        if (data.IsEmpty)
            throw new ArgumentException("There is nothing to transfer.", nameof(data));
        DiskOperation operation = Rent(kind, fd, offset, data.Length, completion, state);
        operation.Data = data;
        Begin(operation);
    }

    private void Start(DiskOperationKind kind, int fd, int mode, long offset, long length, IDiskCompletion completion, object? state)
    {
        DiskOperation operation = Rent(kind, fd, offset, length, completion, state);
        operation.Mode = mode;
        Begin(operation);
    }

    private DiskOperation Rent(DiskOperationKind kind, int fd, long offset, long length, IDiskCompletion completion, object? state)
    {
        ArgumentNullException.ThrowIfNull(completion);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        DiskOperation? operation = _free;
        if (operation is null)
            operation = Grow();
        else
            _free = operation.Next;
        operation.Next = null;
        operation.Kind = kind;
        operation.Fd = fd;
        operation.Offset = offset;
        operation.Length = length;
        operation.Done = 0;
        operation.Completion = completion;
        operation.State = state;
        Outstanding++;
        return operation;
    }

    private DiskOperation Grow()
    {
        if (_allCount == _all.Length)
            Array.Resize(ref _all, 2 * _allCount);
        return _all[_allCount] = new DiskOperation(this, _allCount++);
    }
}
