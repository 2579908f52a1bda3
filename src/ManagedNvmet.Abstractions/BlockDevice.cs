namespace ManagedNvmet;

/// <summary>A disk that the target serves as a namespace. Derive from this class to serve one of your own.</summary>
/// <remarks>
/// The target gives a device valid work only. It has checked range, alignment, size, access and state, so that
/// <see cref="Submit"/> is never called with an empty or out-of-range request, never with a write when
/// <see cref="BlockDeviceProperties.IsReadOnly"/>, and never after <see cref="DisposeAsync"/> has begun.
/// </remarks>
public abstract class BlockDevice : IAsyncDisposable
{
    /// <summary>Size, block size and abilities. Read when the namespace is added, and again after the device reports a new size.</summary>
    public abstract BlockDeviceProperties Properties { get; }

    /// <summary>Starts one operation.</summary>
    /// <param name="request">Lent until <see cref="BlockRequest.Complete"/>, which is called exactly once, from any thread.</param>
    /// <remarks>Called from the threads of the queues, several at once; must not block. Requests may be completed in any order.
    /// There is no order between requests that are outstanding at the same time, even where they overlap. A read that is
    /// submitted after a write was completed must see its data. An exception ends this one command with Internal Error.</remarks>
    public abstract void Submit(BlockRequest request);

    /// <summary>Where the device keeps blocks in memory: the data of a write is received there, if it may be, instead of being copied there.</summary>
    /// <param name="firstBlock">Index of the first block of the write.</param>
    /// <param name="blockCount">Number of blocks, at least 1. The range lies inside the device.</param>
    /// <returns>Exactly <paramref name="blockCount"/> × block size bytes that do not move, or nothing, as by default: then the data
    /// comes in a buffer, as it does after an exception.</returns>
    /// <remarks>Asked for only where <see cref="BlockDeviceProperties.CompletesWritesAtOnce"/>, from the threads of the queues. Blocks appear
    /// there one by one, each of them whole, before the write is given to <see cref="Submit"/> with this memory as its
    /// <see cref="BlockRequest.Data"/>. A write that the host aborts, or whose connection breaks, is never given to it; blocks that came stay, as the
    /// specification allows (NVM Command Set Specification, "Atomic Operation").</remarks>
    public virtual Memory<byte> PlaceOf(ulong firstBlock, uint blockCount) => default;

    /// <summary>Releases what the device holds. No request is outstanding any more.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
