namespace ManagedNvmet.Target.Features;

/// <summary>What features ask of the controller that they belong to.</summary>
public interface IFeatureOwner
{
    /// <summary>True for a controller of the discovery subsystem.</summary>
    bool IsDiscovery { get; }

    /// <summary>The limits in force.</summary>
    TargetLimits Limits { get; }

    /// <summary>I/O queues that are connected now.</summary>
    int IoQueueCount { get; }

    /// <summary>Keep Alive Timeout in milliseconds, 0 for none.</summary>
    uint KeepAliveMilliseconds { get; }

    /// <summary>Sets the Keep Alive Timeout, in milliseconds; 0 turns the timer off. Restarts the timer.</summary>
    void SetKeepAlive(uint milliseconds);

    /// <summary>HOSTID of the Connect, 16 bytes.</summary>
    ReadOnlySpan<byte> HostId { get; }

    /// <summary>True when at least one namespace has a volatile write cache at the moment.</summary>
    bool HasVolatileWriteCache { get; }
}
