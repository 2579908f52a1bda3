namespace ManagedNvmet.Protocol.Connection;

/// <summary>Where the data buffers of commands come from. Belongs to one thread.</summary>
public interface IDataBuffers
{
    /// <summary>Takes a pinned buffer aligned to 4096 bytes; its contents are undefined.</summary>
    /// <param name="length">1 to the largest transfer, in bytes.</param>
    /// <param name="use">What for; some uses have a reserve.</param>
    /// <param name="buffer">Exactly <paramref name="length"/> bytes.</param>
    /// <returns>False when there is none at the moment.</returns>
    bool TryRent(int length, BufferUse use, out Memory<byte> buffer);

    /// <summary>Gives back a buffer as it was rented. It must not be used any more.</summary>
    void Return(Memory<byte> buffer);

    /// <summary>Asks for one call of <see cref="IBufferWaiter.OnBuffersAvailable"/> when buffers have come back, in the order of asking.
    /// The call never comes from inside a call of this interface.</summary>
    void Wait(IBufferWaiter waiter);

    /// <summary>Takes back a <see cref="Wait"/>, if it is still waiting.</summary>
    void StopWaiting(IBufferWaiter waiter);
}

/// <summary>What a buffer is rented for.</summary>
public enum BufferUse
{
    /// <summary>A read, or a write whose data the host will be asked for.</summary>
    Io,

    /// <summary>An I/O command whose data is next in the stream. While it waits, its connection stands still, and with it the data that
    /// other writes were promised buffers for: hence a reserve that those writes cannot take.</summary>
    InCapsule,

    /// <summary>An admin or Fabrics command: a reserve of their own, so that they never wait for I/O.</summary>
    Admin,
}

/// <summary>Somebody who could not get a buffer.</summary>
public interface IBufferWaiter
{
    /// <summary>There may be buffers now. Who is still without one asks again.</summary>
    void OnBuffersAvailable();
}
