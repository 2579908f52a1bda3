using ManagedNvmet.Target;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Testing;

/// <summary>A complete target on one thread: one subsystem with two namespaces. The test plays the hosts of its connections.</summary>
public sealed class TestTarget
{
    public const string SubsystemNqn = "nqn.2026-11.com.example:disk1";

    private readonly List<ControllerHarness> _connections = [];

    public TestTarget(TargetLimits? limits = null, TestBuffers? buffers = null)
    {
        Limits = limits ?? new TargetLimits();
        Buffers = buffers ?? new TestBuffers(ioBuffers: 16, inCapsuleReserve: 4);
        Target = new NvmeTarget(new TargetOptions { Limits = Limits, Time = new ClockTime(Clock) }, Log);
        Subsystem = Target.AddSubsystem(new SubsystemOptions
        {
            Nqn = Nqn.Parse(SubsystemNqn),
            SerialNumber = "0001",
            FirstControllerId = 1,
            Namespaces =
            [
                new Namespace(1, Device, new NamespaceIdentity(new Guid(1, 2, 3, new byte[8]), 1, 1)),
                new Namespace(2, new TestDevice(64, 4096), new NamespaceIdentity(new Guid(2, 2, 3, new byte[8]), 2, 2)),
            ],
        });
    }

    public TestClock Clock { get; } = new();

    public TargetLimits Limits { get; }

    public TestBuffers Buffers { get; }

    public TestDevice Device { get; } = new();

    public DefectLogger Log { get; } = new();

    public NvmeTarget Target { get; }

    public Subsystem Subsystem { get; }

    public IReadOnlyList<ControllerHarness> Connections => _connections;

    public ControllerHarness Open(byte hpda = 0)
    {
        var connection = new ControllerHarness(Limits.Connection, Buffers, hpda, Clock, Target.CreateQueue);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Runs all work of all connections until nothing is left to do.</summary>
    public void Settle()
    {
        bool hasMoved;
        do
        {
            hasMoved = !Device.Holds && Device.CompleteHeld();
            foreach (ControllerHarness connection in _connections)
                hasMoved |= connection.Settle();
        }
        while (hasMoved);
    }

    /// <summary>Advances the clock in steps and calls all timers that are due.</summary>
    public void Advance(long milliseconds)
    {
        for (long left = milliseconds; left > 0;)
        {
            long step = Math.Min(left, 100);
            left -= step;
            Clock.Advance(step);
            foreach (ControllerHarness connection in _connections)
                connection.RunTimer();
            Settle();
        }
    }

    /// <summary>Closes all connections and returns a description of each leaked resource.</summary>
    public List<string> CloseAndFindLeaks()
    {
        Device.Holds = false;
        foreach (ControllerHarness connection in _connections)
            connection.Connection.PeerClosed();
        Settle();
        List<string> leaks = [.. Log.Defects];
        if (Buffers.Rented > 0)
            leaks.Add($"{Buffers.Rented} buffers are still rented.");
        if (Buffers.Waiters > 0)
            leaks.Add($"{Buffers.Waiters} connections still wait for buffers.");
        foreach (ControllerHarness connection in _connections)
        {
            if (connection.Connection.OutstandingCommands > 0)
                leaks.Add($"A closed connection still has {connection.Connection.OutstandingCommands} commands.");
            if (!connection.Connection.IsFinished)
                leaks.Add("A connection that was closed is not finished.");
        }
        return leaks;
    }

    private sealed class ClockTime(TestClock clock) : TimeProvider
    {
        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => clock.Now;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMilliseconds(clock.Now);
    }
}
