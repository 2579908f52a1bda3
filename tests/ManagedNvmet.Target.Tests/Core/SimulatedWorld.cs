using System.Net;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A target, hosts, their connections and a clock, all on the test's thread.</summary>
internal sealed class SimulatedWorld
{
    public static readonly Nqn DiskNqn = ConnectData.DiskNqn;
    public static readonly Nqn HostNqn = ConnectData.UsualHostNqn;

    private readonly List<SimulatedThread> _threads = [];
    private readonly List<SimulatedQueue> _queues = [];

    public SimulatedWorld(TargetOptions? options = null, SubsystemOptions? subsystem = null)
    {
        Target = new NvmeTarget(options, Log);
        Disk = Target.AddSubsystem(subsystem ?? new SubsystemOptions { Nqn = DiskNqn, SerialNumber = "1" });
        Device = new SimulatedDevice();
        First = AddThread();
        Second = AddThread();
    }

    public CapturedLog Log { get; } = new();

    public NvmeTarget Target { get; }

    public Subsystem Disk { get; }

    public SimulatedDevice Device { get; }

    public SimulatedThread First { get; }

    public SimulatedThread Second { get; }

    public SimulatedThread? Current { get; set; }

    public long Now { get; private set; } = 1000;

    public SimulatedThread AddThread()
    {
        var thread = new SimulatedThread(this);
        _threads.Add(thread);
        return thread;
    }

    /// <summary>Opens a connection and completes the ICReq/ICResp handshake.</summary>
    public SimulatedQueue Open(SimulatedThread? thread = null, string local = "10.0.0.1:4420", string remote = "10.0.0.99:50000")
    {
        var queue = new SimulatedQueue(this, thread ?? First, IPEndPoint.Parse(local), IPEndPoint.Parse(remote));
        _queues.Add(queue);
        Run();
        return queue;
    }

    /// <summary>Connects an admin queue and does not enable the controller.</summary>
    public SimulatedQueue ConnectAdmin(Nqn? subsystem = null, uint keepAlive = 0, string local = "10.0.0.1:4420")
    {
        SimulatedQueue queue = Open(local: local);
        TestCommand connect = queue.Connect(new ConnectData { SubsystemNqn = subsystem ?? DiskNqn, KeepAlive = keepAlive });
        Assert.Equal(NvmeStatus.Success, connect.Status);
        queue.ControllerId = (ushort)connect.Completion.Result;
        return queue;
    }

    /// <summary>Connects an admin queue and enables the controller.</summary>
    public SimulatedQueue Enable(Nqn? subsystem = null, uint keepAlive = 0, string local = "10.0.0.1:4420")
    {
        SimulatedQueue queue = ConnectAdmin(subsystem, keepAlive, local);
        Assert.Equal(NvmeStatus.Success, queue.SetProperty(0x14, 0x00460001).Status);
        Assert.Equal(1u, queue.ControllerStatus);
        return queue;
    }

    /// <summary>Connects an admin queue with the given host parameters and enables the controller.</summary>
    public SimulatedQueue EnableAs(ConnectData host, string local = "10.0.0.1:4420", string remote = "10.0.0.99:50000")
    {
        SimulatedQueue queue = Open(local: local, remote: remote);
        TestCommand connect = queue.Connect(host);
        Assert.Equal(NvmeStatus.Success, connect.Status);
        queue.ControllerId = (ushort)connect.Completion.Result;
        Assert.Equal(NvmeStatus.Success, queue.SetProperty(0x14, 0x00460001).Status);
        return queue;
    }

    /// <summary>Returns the Connect parameters of a host with this name.</summary>
    public static ConnectData Host(string name, byte id = 0x5A, Nqn? subsystem = null) => new()
    {
        HostNqn = NqnOf(name),
        HostIdByte = id,
        SubsystemNqn = subsystem ?? DiskNqn,
    };

    /// <summary>Returns the NQN of a host or subsystem with this name.</summary>
    public static Nqn NqnOf(string name) => Nqn.Parse($"nqn.2026-11.com.example:{name}");

    /// <summary>Connects an I/O queue, by default on the second thread.</summary>
    public SimulatedQueue ConnectIo(SimulatedQueue admin, int queueId, SimulatedThread? thread = null)
    {
        SimulatedQueue queue = Open(thread ?? Second);
        ConnectData host = admin.ConnectedAs ?? new ConnectData();
        Assert.Equal(NvmeStatus.Success, queue.Connect(host with { QueueId = queueId, ControllerId = admin.ControllerId }).Status);
        return queue;
    }

    /// <summary>Adds the device as a namespace.</summary>
    public Namespace AddNamespace(uint id = 1)
    {
        var added = new Namespace(id, Device, NamespaceIdentity.CreateRandom());
        Disk.AddNamespace(added);
        Run();
        return added;
    }

    /// <summary>Runs all work until nothing is left to do.</summary>
    public void Run()
    {
        bool hasMoved = true;
        while (hasMoved)
        {
            hasMoved = false;
            foreach (SimulatedThread thread in _threads)
                hasMoved |= thread.RunPosted();
            foreach (SimulatedQueue queue in _queues.ToArray())
                hasMoved |= queue.Pump();
        }
    }

    /// <summary>Advances the clock in steps of 10 ms, so that timers run in order.</summary>
    public void Advance(long milliseconds)
    {
        for (long end = Now + milliseconds; Now < end;)
        {
            Now = Math.Min(end, Now + 10);
            foreach (SimulatedQueue queue in _queues.ToArray())
                queue.CheckTimer();
            Run();
        }
    }
}
