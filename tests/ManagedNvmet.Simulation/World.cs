using System.Globalization;
using System.Text;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Hosts;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Simulation.Model;
using ManagedNvmet.Simulation.Network;
using ManagedNvmet.Simulation.Targets;

namespace ManagedNvmet.Simulation;

/// <summary>One run of the simulation: target, hosts, disks and network, all derived from one seed and run on the caller's
/// thread.</summary>
public sealed class World
{
    private const long MaxEvents = 20_000_000;
    private const long MaxMicroseconds = 1000 * EventLoop.Second;
    private const long MaxCommandMicroseconds = 120 * EventLoop.Second;
    private const long PatienceWithNetwork = 8 * EventLoop.Second;

    private readonly List<SimulatedHost> _hosts = [];
    private readonly List<SimulatedDisk> _disks = [];
    private readonly List<Link> _links = [];
    private readonly List<Task> _tasks = [];
    private readonly Dictionary<Situation, int> _situations = [];
    private Chaos? _chaos;
    private ulong _lastVersion;
    private int _lastLink;

    public World(ulong seed, Sabotage sabotage = Sabotage.None)
    {
        Seed = seed;
        Sabotage = sabotage;
        Random = new SeededRandom(seed);
        Trace = new Trace(Loop, 20_000);
        Model = new StorageModel(this);
        Plan = RunPlan.From(Random);
        Batch = new TransmitBatch(Random.Pick(8, 64, 1024), Random.Pick(4096, 64 * 1024, 1024 * 1024));
    }

    public ulong Seed { get; }

    /// <summary>Number of latest events that a failure message contains.</summary>
    public int TraceLines { get; init; } = 120;

    /// <summary>True to move connections between the threads of the target while they are in use.</summary>
    public bool MovesConnections { get; init; }

    /// <summary>Digest of all events. Two runs of one seed must have the same.</summary>
    public ulong Digest => Trace.Digest;

    public long Events => Loop.Executed;

    public long Reads => Model.Reads;

    public long Writes => Model.Writes;

    public int Crashes { get; private set; }

    public int Links => _lastLink;

    /// <summary>Number of occurrences of each situation.</summary>
    public IReadOnlyDictionary<Situation, int> Situations => _situations;

    internal Sabotage Sabotage { get; }

    internal RunPlan Plan { get; }

    internal SeededRandom Random { get; }

    internal EventLoop Loop { get; } = new();

    internal Trace Trace { get; }

    internal StorageModel Model { get; }

    internal SimulatedTarget? Target { get; set; }

    internal SimulatedThread? Current { get; set; }

    internal TransmitBatch Batch { get; }

    internal byte[] ReceiveBuffer { get; } = new byte[64 * 1024];

    internal List<SimulatedDisk> Disks => _disks;

    internal List<SimulatedHost> Hosts => _hosts;

    internal List<Link> OpenLinks => _links;

    internal int FailedFlushes => _disks.Sum(static disk => disk.FailedFlushes);

    /// <summary>True after the end of the fault injection.</summary>
    internal bool IsCalm { get; set; }

    /// <summary>The one host that may connect; null for any.</summary>
    internal Nqn? AllowedHost { get; set; }

    /// <summary>True while, and shortly after, only some hosts are allowed.</summary>
    internal bool RestrictsHosts { get; set; }

    /// <summary>Runs the seed to its end. Throws a <see cref="SimulationFailure"/> with the latest events when an invariant is
    /// violated.</summary>
    public void Run()
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Build();
            RunUntil(() => _tasks.TrueForAll(static task => task.IsCompleted), "the hosts have finished");
            RunUntil(IsTargetAtRest, "the target is at rest");

            // Runs the work that was posted last.
            long rest = Loop.Now + EventLoop.Second;
            RunUntil(() => Loop.Now >= rest, "a second has passed");
            Target!.CheckAtRest();
            Trace.Add("the end");
        }
        catch (Exception exception)
        {
            throw new SimulationFailure($"Seed {Seed}: {Describe(exception)}\n{Plan}\n{DescribeOutstanding()}{Trace.Tail(TraceLines)}");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    internal void Require(bool isTrue, string problem)
    {
        if (!isTrue)
            throw new SimulationFailure(problem);
    }

    /// <summary>Fails the run from code whose callers might catch an exception.</summary>
    internal void Fail(string problem) => Track(Task.FromException(new SimulationFailure(problem)));

    /// <summary>Fails the run when the task fails.</summary>
    internal void Track(Task task) => _tasks.Add(task);

    internal void Note(Situation situation) => _situations[situation] = _situations.GetValueOrDefault(situation) + 1;

    internal ulong NextVersion() => ++_lastVersion;

    internal Link NewLink()
    {
        var link = new Link(this, ++_lastLink, NetworkOptions.From(Random));
        _links.RemoveAll(static each => each.IsReset);
        _links.Add(link);
        return link;
    }

    /// <summary>Opens a connection as a host. The target accepts it a little later, if it is running.</summary>
    internal void Dial(Link link) => Loop.After(Random.Skewed(10, 20_000), () =>
    {
        if (Target is { } target)
            target.Accept(link);
        else
            link.Reset();
    });

    internal bool IsDoneWith(Link link) => Target is not { } target || target.IsDoneWith(link);

    internal void Crash()
    {
        Trace.Add("the target crashes");
        Crashes++;
        Target!.Crash();
        Target = null;
        Model.Crash();
        foreach (SimulatedDisk disk in _disks)
            disk.Crash();
    }

    /// <summary>Waits for a time in µs. With a thread, the continuation runs on that thread.</summary>
    internal Task Delay(long microseconds, SimulatedThread? thread = null)
    {
        var passed = new TaskCompletionSource();
        if (thread is null)
            Loop.After(microseconds, passed.SetResult);
        else
            thread.After(microseconds, passed.SetResult);
        return passed.Task;
    }

    private void Build()
    {
        for (uint id = 1; id <= Plan.Disks; id++)
        {
            var disk = new SimulatedDisk(this, id, DiskOptions.From(Random));
            _disks.Add(disk);
            Model.Add(disk);
        }
        Target = new SimulatedTarget(this, Plan.Limits);
        for (int index = 0; index < Plan.Hosts; index++)
            _hosts.Add(new SimulatedHost(this, index));
        _chaos = new Chaos(this);
        _tasks.Add(_chaos.RunAsync());
        foreach (SimulatedHost host in _hosts)
            _tasks.Add(host.LiveAsync());
        Loop.After(EventLoop.Second, Sweep);
    }

    private bool IsTargetAtRest() =>
        !Target!.Open.Any() && Target.OutstandingCommands == 0 && _disks.TrueForAll(static disk => disk.Outstanding == 0);

    private void RunUntil(Func<bool> isReached, string what)
    {
        while (!isReached())
        {
            for (int index = 0; index < _tasks.Count; index++)
            {
                if (_tasks[index].IsFaulted)
                    throw _tasks[index].Exception!.InnerException!;
            }
            Require(Loop.Now < MaxMicroseconds, $"Too much time has passed and it is not so that {what}.");
            Require(Loop.Executed < MaxEvents, $"Too much has happened and it is not so that {what}.");
            Require(Loop.RunNext(), $"Nothing is going to happen any more and it is not so that {what}.");
        }
        foreach (Task task in _tasks)
        {
            if (task.IsFaulted)
                throw task.Exception!.InnerException!;
        }
    }

    /// <summary>Runs once per second and checks that nothing waits for ever.</summary>
    private void Sweep()
    {
        Target?.CheckKeepAlive();
        Target?.CheckDeadlines();
        foreach (SimulatedHost host in _hosts)
        {
            if (host.Association is not { IsOver: false } association || host.Thread.IsPaused)
                continue;
            foreach (HostQueue queue in association.Queues)
            {
                if (CheckPatience(queue))
                    continue;
                Note(Situation.HostGaveUp);
                association.Close();
                break;
            }
        }
        Loop.After(EventLoop.Second, Sweep);
    }

    /// <summary>Returns false when the host has waited too long for a command and ends the association.</summary>
    private bool CheckPatience(HostQueue queue)
    {
        foreach (SimulatedCommand command in queue.Outstanding)
        {
            long age = Loop.Now - command.SentAt;
            if (!command.IsPatient && queue.Link.IsDisturbed && age > PatienceWithNetwork)
                return false;
            Require(command.IsPatient || age < MaxCommandMicroseconds,
                $"Command {(ushort)command.Entry.CommandId:X4}, opcode {command.Entry.Opcode:X2}, of link {queue.Link.Id} "
                + "was never completed.");
        }
        return true;
    }

    private string DescribeOutstanding()
    {
        var text = new StringBuilder();
        foreach (SimulatedHost host in _hosts)
        {
            if (host.Association is not { } association)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"Host {host.Index}{(host.Thread.IsPaused ? ", paused" : "")}: {association.Plan}\n");
            foreach (HostQueue queue in association.Queues)
            {
                text.Append(CultureInfo.InvariantCulture, $"  link {queue.Link.Id}, queue {queue.Id}{(queue.IsOver ? ", over" : "")}:");
                foreach (SimulatedCommand command in queue.Outstanding)
                {
                    text.Append(CultureInfo.InvariantCulture, $" {(ushort)command.Entry.CommandId:X4} opcode {command.Entry.Opcode:X2}");
                    text.Append(CultureInfo.InvariantCulture, $" {command.Data.Length} bytes since {command.SentAt / 1e6:F6};");
                }
                text.Append('\n');
            }
        }
        return text.ToString();
    }

    private static string Describe(Exception exception) => exception is SimulationFailure ? exception.Message : exception.ToString();
}
