namespace ManagedNvmet;

/// <summary>A block device that the target serves as a namespace. Derive from this class to implement a device.</summary>
/// <remarks>
/// The target submits valid requests only: it checks range, alignment, size, access and state first. It never calls
/// <see cref="Submit"/> with an empty or out-of-range request, with a write when
/// <see cref="BlockDeviceProperties.IsReadOnly"/> is true, or after it has called <see cref="DisposeAsync"/>.
/// </remarks>
public abstract class BlockDevice : IAsyncDisposable
{
    /// <summary>Size, block size and capabilities. The target reads them when the namespace is added, and again after the device
    /// has reported a new size.</summary>
    public abstract BlockDeviceProperties Properties { get; }

    /// <summary>Starts one operation.</summary>
    /// <param name="request">The device may use it until it calls <see cref="BlockRequest.Complete"/>. It calls that exactly once, from
    /// any thread.</param>
    /// <remarks>Several queue threads call this method at the same time. It must not block. The device may complete requests in any
    /// order. Requests that are outstanding at the same time have no order, even if their ranges overlap. A read that is submitted
    /// after a write has completed must return the written data. An exception completes this one command with Internal Error.</remarks>
    public abstract void Submit(BlockRequest request);

    /// <summary>Releases the device's resources. The target calls it when no request is outstanding.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
