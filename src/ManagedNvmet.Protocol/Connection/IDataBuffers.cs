namespace ManagedNvmet.Protocol.Connection;

/// <summary>Source of the data buffers of commands. Belongs to one thread.</summary>
public interface IDataBuffers
{
    /// <summary>Takes a pinned buffer aligned to 4096 bytes; its contents are undefined.</summary>
    /// <param name="length">1 to the largest transfer, in bytes.</param>
    /// <param name="use">The use; some uses have a reserve.</param>
    /// <param name="buffer">Exactly <paramref name="length"/> bytes.</param>
    /// <returns>False when no buffer is free.</returns>
    bool TryRent(int length, BufferUse use, out Memory<byte> buffer);

    /// <summary>Returns a rented buffer, whole. The caller must not use it any more.</summary>
    void Return(Memory<byte> buffer);

    /// <summary>Asks for one call of <see cref="IBufferWaiter.OnBuffersAvailable"/> when buffers were returned, in the order of the calls.
    /// The call never comes from inside a call of this interface.</summary>
    void Wait(IBufferWaiter waiter);

    /// <summary>Withdraws a <see cref="Wait"/>, if it still waits.</summary>
    void StopWaiting(IBufferWaiter waiter);
}

/// <summary>Use of a rented buffer.</summary>
public enum BufferUse
{
    /// <summary>A read, or a write whose data the host will be asked for.</summary>
    Io,

    /// <summary>An I/O command whose data is next in the stream. While it waits, its connection receives nothing, not even data of writes
    /// that hold buffers already. So it has a reserve that those writes cannot use.</summary>
    InCapsule,

    /// <summary>An admin or Fabrics command: a reserve of their own, so that they never wait for I/O.</summary>
    Admin,
}

/// <summary>Waits for a buffer.</summary>
public interface IBufferWaiter
{
    /// <summary>Buffers may be free now. A waiter that gets none calls <see cref="IDataBuffers.Wait"/> again.</summary>
    void OnBuffersAvailable();
}
