using ManagedNvmet.Protocol.Host;
using ManagedNvmet.Simulation.Model;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>A command of a simulated host. It checks that it ends exactly once.</summary>
internal sealed class SimulatedCommand(World world, HostQueue queue) : HostCommand
{
    private readonly TaskCompletionSource<SimulatedCommand> _done = new();
    private bool _wasNeverSent;

    public HostQueue Queue { get; } = queue;

    /// <summary>The operation in the model; null for commands that use no disk.</summary>
    public Operation? Operation { get; init; }

    public long SentAt { get; } = world.Loop.Now;

    public bool IsDone { get; private set; }

    /// <summary>True for an Asynchronous Event Request, which may stay outstanding for any time.</summary>
    public bool IsPatient { get; init; }

    /// <summary>True when the target has reported that an Abort command aborted this command.</summary>
    public bool MustBeAborted { get; set; }

    public Task<SimulatedCommand> Done => _done.Task;

    /// <summary>True when the connection closed before the completion, or the command was never sent.</summary>
    public bool IsLost => IsDone && (_wasNeverSent || Status.CodeType == 3);

    public bool IsSuccess => IsDone && !IsLost && Status.IsSuccess;

    public uint Result => (uint)(ulong)Completion.Result;

    /// <summary>Ends the command without sending it.</summary>
    public void Drop()
    {
        _wasNeverSent = true;
        IsDone = true;
        Queue.Forget(this);
        if (Operation is { } operation)
            world.Model.Refuse(operation);
        Queue.Thread.After(1, () => _done.SetResult(this));
    }

    protected override void OnCompleted()
    {
        world.Require(!IsDone, "A command was completed twice.");
        IsDone = true;
        world.Trace.Add("link {0}: command {1:X4} opcode {2:X2} ends with {3:X4}", Queue.Link.Id, (ushort)Entry.CommandId, Entry.Opcode,
            Status.Value);
        Queue.Forget(this);
        if (Operation is { } operation)
            OutcomeRules.Apply(world, this, operation);
        Queue.Thread.After(world.Random.Skewed(1, 50), () => _done.SetResult(this));
    }
}
