namespace ManagedNvmet;

/// <summary>One operation on a <see cref="BlockDevice"/>. The target owns and reuses these objects.</summary>
/// <remarks>Lent to the device from <see cref="BlockDevice.Submit"/> until the device calls <see cref="Complete"/>, which it does
/// exactly once; after that the device must not touch the request or its memory.</remarks>
public abstract class BlockRequest
{
    /// <summary>What to do.</summary>
    public BlockOperation Operation { get; protected set; }

    /// <summary>Index of the first logical block. The range lies inside the device. 0 for Flush and Deallocate.</summary>
    public ulong FirstBlock { get; protected set; }

    /// <summary>Number of logical blocks, at least 1 for Read, Write and WriteZeroes; 0 for Flush and Deallocate.</summary>
    public uint BlockCount { get; protected set; }

    /// <summary>For Read the memory to fill, for Write the memory to store: <see cref="BlockCount"/> × block size bytes, pinned, and
    /// aligned to 4096 bytes. Empty otherwise, and usually empty for a Read of a device that
    /// <see cref="BlockDeviceProperties.LendsReadData"/>. For a Write of a device that
    /// <see cref="BlockDeviceProperties.CompletesWritesAtOnce"/> neither aligned nor pinned, and where
    /// <see cref="BlockDevice.PlaceOf"/> gave memory perhaps that.</summary>
    public Memory<byte> Data { get; protected set; }

    /// <summary>For Write and WriteZeroes: durable on its own before completion (FUA). For Read: durable first, then read.</summary>
    public bool ForceUnitAccess { get; protected set; }

    /// <summary>For WriteZeroes: the host asks that the blocks be deallocated as well (DEAC), if they then read as zeros.</summary>
    public bool DeallocateHint { get; protected set; }

    /// <summary>The ranges of a Deallocate, each inside the device, none empty. Empty otherwise.</summary>
    public abstract ReadOnlySpan<BlockRange> Ranges { get; }

    /// <summary>Room for the device's own state while it has the request, so that it need not allocate.</summary>
    public object? DeviceState { get; set; }

    /// <summary>Ends the operation. May be called from any thread, and from inside <see cref="BlockDevice.Submit"/>.</summary>
    /// <param name="status">Success, or the reason of the failure, usually one of media errors, Capacity Exceeded or Internal Error.</param>
    public abstract void Complete(NvmeStatus status);

    /// <summary>Ends a Read that succeeded with memory of the device's own instead of a copy in <see cref="Data"/>: it is sent from where it
    /// lies. May be called from any thread, and from inside <see cref="BlockDevice.Submit"/>, in place of <see cref="Complete"/>.</summary>
    /// <param name="data">Exactly <see cref="BlockCount"/> × block size bytes. The target pins the memory while it needs it
    /// (<see cref="System.Buffers.MemoryManager{T}.Pin"/> and Unpin tell a device that wants to know), and counts the request as
    /// outstanding until then: memory that lives as long as the device, until <see cref="BlockDevice.DisposeAsync"/>, is always safe.
    /// The bytes may change meanwhile, by writes of those same blocks and nothing else: the host then gets some of either.</param>
    /// <remarks>Any device may do so at any read. One that always does says <see cref="BlockDeviceProperties.LendsReadData"/>, so that
    /// no buffer is kept ready for it. The target copies where it must, for example when the host asked for data digests.</remarks>
    public virtual void CompleteWithLentData(ReadOnlyMemory<byte> data)
    {
        data.CopyTo(Data);
        Complete(NvmeStatus.Success);
    }
}
