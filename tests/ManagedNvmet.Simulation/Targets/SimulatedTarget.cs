using System.Net;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Simulation.Network;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Subsystems;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Simulation.Targets;

/// <summary>One run of the target, from its start to its crash or stop.</summary>
internal sealed class SimulatedTarget
{
    private const int KeepAliveUnit = 1000;

    private readonly World _world;
    private readonly List<SimulatedThread> _threads = [];
    private readonly Dictionary<Link, ServerConnection> _connections = [];

    public SimulatedTarget(World world, TargetLimits limits)
    {
        _world = world;
        Limits = limits;
        Target = new NvmeTarget(new TargetOptions { Limits = limits, Time = world.Loop }, new FailingLogger(world));
        foreach (SimulatedDisk disk in world.Disks)
        {
            disk.IsServed = true;
            disk.IsAttached = true;
        }
        Subsystem = Target.AddSubsystem(new SubsystemOptions
        {
            Nqn = ConnectData.DiskNqn,
            SerialNumber = "1",
            FirstControllerId = (ushort)world.Random.Between(1, 0xFFEF),
            Namespaces = [.. world.Disks.Select(Describe)],
        });
        Target.SetPorts([new Port(1, IPAddress.Loopback, 4420)]);
        for (int index = 0; index < world.Plan.TargetThreads; index++)
        {
            var buffers = new TestBuffers(world.Plan.IoBuffers, world.Plan.AdminBuffers, world.Plan.CapsuleBuffers);
            _threads.Add(new SimulatedThread(world, $"target {index}", buffers));
        }
    }

    public TargetLimits Limits { get; }

    public NvmeTarget Target { get; }

    public Subsystem Subsystem { get; }

    public IReadOnlyList<SimulatedThread> Threads => _threads;

    public bool IsDead { get; private set; }

    public IEnumerable<ServerConnection> Open => _connections.Values.Where(static each => !each.Connection.IsFinished);

    /// <summary>Number of commands that have a slot, on open and closed connections.</summary>
    public int OutstandingCommands => _connections.Values.Sum(static each => each.Connection.OutstandingCommands);

    public static Namespace Describe(SimulatedDisk disk)
    {
        var bytes = new byte[16];
        bytes[15] = (byte)disk.Id;
        return new Namespace(disk.Id, disk, new NamespaceIdentity(new Guid(bytes), disk.Id, disk.Id));
    }

    /// <summary>Accepts a connection of a host.</summary>
    public void Accept(Link link)
    {
        if (IsDead)
        {
            link.Reset();
            return;
        }
        SimulatedThread thread = _world.Random.PickFrom(_threads);
        thread.Post(_ => Begin(link, thread), null);
    }

    /// <summary>Returns true when no command that arrived over this link can reach a disk any more.</summary>
    public bool IsDoneWith(Link link)
    {
        if (IsDead)
            return true;
        if (!_connections.TryGetValue(link, out ServerConnection? server))
            return link.IsReset;
        return server.Connection.IsFinished && !_world.Disks.Exists(disk => disk.IsUsedBy(server.Connection));
    }

    /// <summary>Crashes the process. Its memory is lost.</summary>
    public void Crash()
    {
        IsDead = true;
        foreach (SimulatedThread thread in _threads)
            thread.Kill();
        foreach (ServerConnection server in _connections.Values)
            server.Link.Reset();
    }

    /// <summary>Checks that the Keep Alive Timer of a controller did not expire too early.</summary>
    public void CheckExpiry(Controller controller)
    {
        if (controller.KeepAliveMilliseconds == 0)
            return;
        _world.Note(Situation.KeepAliveExpired);
        long silence = _world.Loop.Milliseconds - LastCommand(controller);
        _world.Require(silence >= Period(controller),
            $"The Keep Alive Timer of controller {controller.Id} ran out {silence} ms after its last command, "
            + $"expected {Period(controller)} ms.");
    }

    /// <summary>Checks that no timer is overdue.</summary>
    public void CheckDeadlines()
    {
        const int tolerance = 1000;
        foreach (ServerConnection server in Open)
        {
            _world.Require(server.Connection.Deadline >= _world.Loop.Milliseconds - tolerance,
                $"The timer of link {server.Link.Id} was due {_world.Loop.Milliseconds - server.Connection.Deadline} ms ago.");
        }
    }

    /// <summary>Checks that each enabled controller gets commands from its host, or ends.</summary>
    public void CheckKeepAlive()
    {
        const int tolerance = 1000;
        foreach (Controller controller in Subsystem.Controllers.Concat(Target.Discovery.Controllers))
        {
            if (controller.State != ControllerState.Ready || controller.KeepAliveMilliseconds == 0)
                continue;
            long silence = _world.Loop.Milliseconds - LastCommand(controller);
            _world.Require(silence <= (2 * Period(controller)) + tolerance,
                $"Controller {controller.Id} has a Keep Alive Timeout of {controller.KeepAliveMilliseconds} ms "
                + $"and lives {silence} ms after its last command.");
        }
    }

    /// <summary>Checks, after all hosts have disconnected, that the target keeps no resources for them.</summary>
    public void CheckAtRest()
    {
        foreach (ServerConnection server in _connections.Values)
        {
            _world.Require(server.Connection.IsFinished, $"Link {server.Link.Id} is not over.");
            int slots = server.Connection.OutstandingCommands;
            _world.Require(slots == 0, $"{slots} slots of link {server.Link.Id} are in use.");
        }
        foreach (SimulatedThread thread in _threads)
        {
            _world.Require(thread.Buffers!.Rented == 0, $"{thread.Buffers.Rented} buffers of {thread.Name} are rented.");
            _world.Require(thread.Buffers.Waiters == 0, $"{thread.Buffers.Waiters} connections of {thread.Name} wait for buffers.");
        }
        foreach (Subsystem each in new[] { Subsystem, Target.Discovery })
        {
            _world.Require(each.Controllers.Count == 0, $"{each.Controllers.Count} controllers of {each.Nqn} are left.");
            _world.Require(
                each.ControllerSet.IdsInUse == 0, $"{each.ControllerSet.IdsInUse} controller identifiers of {each.Nqn} are in use.");
        }
    }

    private static long Period(Controller controller) =>
        (controller.KeepAliveMilliseconds + KeepAliveUnit - 1) / KeepAliveUnit * KeepAliveUnit;

    private long LastCommand(Controller controller)
    {
        long last = 0;
        foreach (ServerConnection server in _connections.Values)
        {
            if (server.Queue.Queue.Controller == controller)
                last = Math.Max(last, server.Queue.LastCommand);
        }
        return last;
    }

    private void Begin(Link link, SimulatedThread thread)
    {
        var transport = new SimulatedTransport(_world, thread, link, isHost: false);
        ObservedQueue? queue = null;
        var connection = new ControllerConnection(
            transport, thread.Buffers!, Limits.Connection, created => queue = new ObservedQueue(_world, Target.CreateQueue(created), link),
            _world.Loop.Milliseconds)
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 4420),
            RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 10000 + link.Id),
        };
        _connections.Add(link, new ServerConnection(link, transport, connection, queue!));
        transport.Closed = _world.Model.Settle;
        transport.Begin(connection);
        if (link.IsReset)
            transport.NoteReset();
    }
}
