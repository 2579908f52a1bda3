namespace ManagedNvmet.Target.Features;

/// <summary>The controller of a set of features.</summary>
public interface IFeatureOwner
{
    /// <summary>True for a controller of the discovery subsystem.</summary>
    bool IsDiscovery { get; }

    /// <summary>The limits of the target.</summary>
    TargetLimits Limits { get; }

    /// <summary>The number of connected I/O queues.</summary>
    int IoQueueCount { get; }

    /// <summary>Keep Alive Timeout in milliseconds, 0 for none.</summary>
    uint KeepAliveMilliseconds { get; }

    /// <summary>Sets the Keep Alive Timeout, in milliseconds; 0 disables the timer. Restarts the timer.</summary>
    void SetKeepAlive(uint milliseconds);

    /// <summary>HOSTID of the Connect, 16 bytes.</summary>
    ReadOnlySpan<byte> HostId { get; }

    /// <summary>True when at least one namespace has a volatile write cache now.</summary>
    bool HasVolatileWriteCache { get; }
}
