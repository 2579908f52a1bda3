namespace ManagedNvmet.Protocol.Connection;

/// <summary>Where the data buffers of commands come from. Belongs to one thread.</summary>
public interface IDataBuffers
{
    /// <summary>Takes a pinned buffer aligned to 4096 bytes; its contents are undefined.</summary>
    /// <param name="length">1 to the largest transfer, in bytes.</param>
    /// <param name="use">What it is for.</param>
    /// <param name="buffer">Exactly <paramref name="length"/> bytes.</param>
    /// <returns>False when there is none at the moment.</returns>
    bool TryRent(int length, BufferUse use, out Memory<byte> buffer);

    /// <summary>Gives back a buffer as it was rented. It must not be used any more.</summary>
    void Return(Memory<byte> buffer);

    /// <summary>Asks for one call of <see cref="IBufferWaiter.OnBuffersAvailable"/> when buffers have come back, in the order of asking.</summary>
    void Wait(IBufferWaiter waiter);

    /// <summary>Takes back a <see cref="Wait"/>, if it is still waiting.</summary>
    void StopWaiting(IBufferWaiter waiter);
}

/// <summary>Somebody who could not get a buffer.</summary>
public interface IBufferWaiter
{
    /// <summary>There may be buffers now. Who is still without one asks again.</summary>
    void OnBuffersAvailable();
}
