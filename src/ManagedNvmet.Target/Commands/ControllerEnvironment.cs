using System.Net;
using ManagedNvmet.Target.Discovery;
using ManagedNvmet.Target.Events;
using ManagedNvmet.Target.Features;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Commands;

/// <summary>The controller of a command, as far as commands, log pages, Identify data and features may use it.</summary>
/// <remarks>A base class and no interface: the I/O path reads its fields without a virtual call. Its members belong to the thread of the
/// admin queue, unless they say otherwise.</remarks>
public abstract class ControllerEnvironment : IFeatureOwner
{
    /// <summary>The version of the specification that the target follows, as property VS and Identify Controller VER say it:
    /// 2.0.0.</summary>
    public const uint SpecificationVersion = 0x0002_0000;

    private readonly byte[] _hostId;
    private volatile NamespaceView _view = NamespaceView.Empty;

    private protected ControllerEnvironment(
        ushort id,
        SubsystemIdentity subsystem,
        ControllerCommands commands,
        Nqn hostNqn,
        byte[] hostId,
        TargetLimits limits,
        TimeProvider time)
    {
        Id = id;
        SubsystemIdentity = subsystem;
        Commands = commands;
        HostNqn = hostNqn;
        _hostId = hostId;
        Limits = limits;
        Features = new FeatureSet(this, time);
        Errors = new ErrorLog(limits.ErrorLogEntries);
        Events = new AsyncEvents<CommandContext>(
            limits.MaxAsyncEventRequests,
            static (context, status, result) => context.Finish(status, result),
            ScheduleDelivery);
    }

    /// <summary>CNTLID.</summary>
    public ushort Id { get; }

    /// <summary>True for a controller of the discovery subsystem.</summary>
    public bool IsDiscovery => SubsystemIdentity.IsDiscovery;

    /// <summary>The host that connected.</summary>
    public Nqn HostNqn { get; }

    /// <summary>HOSTID of the Connect, 16 bytes.</summary>
    public ReadOnlySpan<byte> HostId => _hostId;

    /// <summary>The limits in force.</summary>
    public TargetLimits Limits { get; }

    /// <summary>I/O queues that are connected now. From any thread.</summary>
    public abstract int IoQueueCount { get; }

    /// <summary>Keep Alive Timeout in milliseconds, 0 for none.</summary>
    public uint KeepAliveMilliseconds { get; private protected set; }

    /// <summary>The values of this controller's features.</summary>
    public FeatureSet Features { get; }

    /// <summary>The Error Information log of this controller. From any thread.</summary>
    public ErrorLog Errors { get; }

    /// <summary>The namespaces that changed since the host last asked. From any thread.</summary>
    public ChangedNamespaceList ChangedNamespaces { get; } = new();

    /// <summary>The asynchronous events of this controller.</summary>
    public AsyncEvents<CommandContext> Events { get; }

    /// <inheritdoc/>
    public bool HasVolatileWriteCache
    {
        get
        {
            foreach (AttachedNamespace each in _view.All)
            {
                if (each.Namespace.Properties.HasVolatileCache)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The subsystem that the host connected to.</summary>
    internal SubsystemIdentity SubsystemIdentity { get; }

    /// <summary>The commands of this kind of controller.</summary>
    internal ControllerCommands Commands { get; }

    /// <summary>The namespaces that this controller has. Changed under the subsystem's lock, read from any thread.</summary>
    internal NamespaceView View
    {
        get => _view;
        set => _view = value;
    }

    /// <summary>Abort commands that wait for another thread.</summary>
    internal int OutstandingAborts { get; set; }

    /// <summary>The hosts that have registered with the discovery subsystem.</summary>
    internal abstract HostRegistrations Registrations { get; }

    /// <summary>The address that the admin connection came from; null when it did not come over a network.</summary>
    internal abstract IPAddress? HostAddress { get; }

    /// <summary>The time of day.</summary>
    internal abstract DateTimeOffset Now { get; }

    /// <inheritdoc/>
    public abstract void SetKeepAlive(uint milliseconds);

    /// <summary>Raises an event, if the controller is enabled and the host wants to hear of it. From any thread.</summary>
    public abstract void Raise(AsyncEvent happened);

    /// <summary>Reads a property of 4 or 8 bytes. False when there is no such property of this size.</summary>
    internal abstract bool TryReadProperty(uint offset, int size, out ulong value);

    /// <summary>Writes a property of 4 bytes: CC, the only one that can be written.</summary>
    internal abstract NvmeStatus WriteProperty(uint offset, uint value);

    /// <summary>The I/O queue of this identifier, or null.</summary>
    internal abstract QueueEnvironment? FindQueue(int queueId);

    /// <summary>The discovery log of this controller's host.</summary>
    /// <param name="isPortLocal">Only the port that the host reached.</param>
    internal abstract DiscoveryLog ReadDiscoveryLog(bool isPortLocal);

    /// <summary>Makes <see cref="AsyncEvents{TRequest}.Deliver"/> run on the thread of the admin queue. From any thread.</summary>
    private protected abstract void ScheduleDelivery();
}
