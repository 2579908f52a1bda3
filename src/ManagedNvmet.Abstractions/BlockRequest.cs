namespace ManagedNvmet;

/// <summary>One operation on a <see cref="BlockDevice"/>. The target owns and reuses these objects.</summary>
/// <remarks>The device may use the request from <see cref="BlockDevice.Submit"/> until it calls <see cref="Complete"/> or
/// <see cref="CompleteWithLentData"/>. It calls one of them exactly once. After that it must not touch the request or
/// <see cref="Data"/>: the target uses both for another command.</remarks>
public abstract class BlockRequest
{
    /// <summary>The requested operation.</summary>
    public BlockOperation Operation { get; protected set; }

    /// <summary>Index of the first logical block. The range lies inside the device. 0 for Flush and Deallocate.</summary>
    public ulong FirstBlock { get; protected set; }

    /// <summary>Number of logical blocks, at least 1 for Read, Write and WriteZeroes; 0 for Flush and Deallocate.</summary>
    public uint BlockCount { get; protected set; }

    /// <summary>For Read the memory to fill, for Write the memory to store: <see cref="BlockCount"/> × block size bytes, pinned, and
    /// aligned to 4096 bytes. Empty otherwise, and usually empty for a Read of a device that
    /// <see cref="BlockDeviceCapabilities.LendsReadData"/>. For a Write of a device that
    /// <see cref="BlockDeviceCapabilities.CompletesWritesAtOnce"/> neither aligned nor pinned.</summary>
    public Memory<byte> Data { get; protected set; }

    /// <summary>Force Unit Access (FUA). For Write and WriteZeroes: the device makes this data durable before it completes the request.
    /// For Read: the device makes the blocks durable before it reads them.</summary>
    public bool ForceUnitAccess { get; protected set; }

    /// <summary>For WriteZeroes: the host asks the device to deallocate the blocks (DEAC) if deallocated blocks read as zeros.</summary>
    public bool DeallocateHint { get; protected set; }

    /// <summary>The ranges of a Deallocate: each lies inside the device and none is empty. An empty span for other operations.</summary>
    public abstract ReadOnlySpan<BlockRange> Ranges { get; }

    /// <summary>The device may keep an object of its own here while it owns the request, so that it need not allocate one for each
    /// request. The target never reads it.</summary>
    public object? DeviceState { get; set; }

    /// <summary>Completes the request. The device may call it from any thread, and from inside <see cref="BlockDevice.Submit"/>.</summary>
    /// <param name="status">Success, or the reason for the failure: usually a media error, Capacity Exceeded or Internal Error.</param>
    public abstract void Complete(NvmeStatus status);

    /// <summary>Completes a successful Read with memory that belongs to the device. The target sends the data from there, so that nobody
    /// copies it to <see cref="Data"/>. Call it in place of <see cref="Complete"/>, from any thread, or from inside
    /// <see cref="BlockDevice.Submit"/>.</summary>
    /// <param name="data">Exactly <see cref="BlockCount"/> × block size bytes. The target pins the memory while it sends
    /// (a <see cref="System.Buffers.MemoryManager{T}"/> of the device sees Pin and Unpin). The request counts as outstanding until the
    /// target has unpinned the memory, so memory that the device keeps until <see cref="BlockDevice.DisposeAsync"/> is always safe.
    /// Only a write to the same blocks may change the bytes meanwhile; the host then receives a mixture of old and new data.</param>
    /// <remarks>Any device may call it for any Read. A device that calls it for every Read sets
    /// <see cref="BlockDeviceCapabilities.LendsReadData"/>, so that the target reserves no buffer for it. The target copies the data where
    /// it must, for example when the host has enabled data digests.</remarks>
    public virtual void CompleteWithLentData(ReadOnlyMemory<byte> data)
    {
        data.CopyTo(Data);
        Complete(NvmeStatus.Success);
    }
}
