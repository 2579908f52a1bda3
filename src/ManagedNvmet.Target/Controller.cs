using ManagedNvmet.Target.Admin;
using ManagedNvmet.Target.Features;
using ManagedNvmet.Target.LogPages;

namespace ManagedNvmet.Target;

/// <summary>One controller of the dynamic controller model: made by a Connect of the admin queue, gone with it.</summary>
public sealed class Controller : IFeatureOwner
{
    /// <summary>The version of the specification that the target follows, as property VS and Identify Controller VER say it: 2.0.0.</summary>
    public const uint SpecificationVersion = 0x0002_0000;

    /// <summary>CNTLID.</summary>
    public ushort Id => throw new NotImplementedException();

    /// <summary>The subsystem that the host connected to.</summary>
    public Subsystem Subsystem => throw new NotImplementedException();

    /// <summary>True for a controller of the discovery subsystem.</summary>
    public bool IsDiscovery => throw new NotImplementedException();

    /// <summary>The host that connected.</summary>
    public Nqn HostNqn => throw new NotImplementedException();

    /// <summary>HOSTID of the Connect, 16 bytes.</summary>
    public ReadOnlySpan<byte> HostId => throw new NotImplementedException();

    /// <summary>The limits in force.</summary>
    public TargetLimits Limits => throw new NotImplementedException();

    /// <summary>I/O queues that are connected now.</summary>
    public int IoQueueCount => throw new NotImplementedException();

    /// <summary>Keep Alive Timeout in milliseconds, 0 for none.</summary>
    public uint KeepAliveMilliseconds => throw new NotImplementedException();

    /// <summary>Sets the Keep Alive Timeout, in milliseconds; 0 turns the timer off. Restarts the timer.</summary>
    public void SetKeepAlive(uint milliseconds) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool HasVolatileWriteCache
    {
        get
        {
            foreach (Namespace each in Subsystem.Namespaces)
            {
                if (each.Properties.HasVolatileCache)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The values of this controller's features.</summary>
    public FeatureSet Features => throw new NotImplementedException();

    /// <summary>The Error Information log of this controller.</summary>
    public ErrorLog Errors => throw new NotImplementedException();

    /// <summary>The namespaces that changed since the host last asked.</summary>
    public ChangedNamespaceList ChangedNamespaces => throw new NotImplementedException();

    /// <summary>The asynchronous events of this controller.</summary>
    public AsyncEvents Events => throw new NotImplementedException();
}
