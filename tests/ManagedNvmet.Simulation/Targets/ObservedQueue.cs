using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Simulation.Network;
using ManagedNvmet.Target.Queues;

namespace ManagedNvmet.Simulation.Targets;

/// <summary>Command handler between a connection and its queue pair. It checks that both respect their contract.</summary>
internal sealed class ObservedQueue(World world, QueuePair queue, Link link) : ICommandHandler
{
    private readonly ICommandHandler _handler = queue;
    private bool _isClosed;

    public QueuePair Queue { get; } = queue;

    /// <summary>Time of the last command in milliseconds.</summary>
    public long LastCommand { get; private set; } = world.Loop.Milliseconds;

    public long Deadline => _handler.Deadline;

    public int ParkedCommands => _handler.ParkedCommands;

    public void OnCommand(CommandSlot slot)
    {
        world.Require(!_isClosed, "A command came after the end of its connection.");
        LastCommand = world.Loop.Milliseconds;
        world.Trace.Add("link {0}: opcode {1:X2} command {2:X4} arrives at queue {3}", link.Id, slot.Entry.Opcode,
            (ushort)slot.Entry.CommandId, Queue.Id);
        _handler.OnCommand(slot);
    }

    public void OnExecute(CommandSlot slot)
    {
        world.Require(!_isClosed, "A command began to execute after the end of its connection.");
        _handler.OnExecute(slot);
    }

    public void OnClosed(CloseReason reason)
    {
        world.Require(!_isClosed, "A connection ended twice.");
        _isClosed = true;
        world.Trace.Add("link {0}: the target ends it, reason {1}", link.Id, (long)reason);
        world.Require(reason != CloseReason.InternalError, "The target met a defect of its own.");
        world.Require(reason is not (CloseReason.ProtocolError or CloseReason.PeerTerminated) || link.IsCorrupted,
            $"The target says that the host broke the protocol: {reason}.");
        if (reason == CloseReason.ProtocolError)
            world.Note(Situation.DamagedHeaderFound);
        if (reason == CloseReason.KeepAliveTimeout)
            world.Target!.CheckExpiry(Queue.Controller!);
        _handler.OnClosed(reason);
    }

    public NvmeStatus OnFailed(CommandSlot slot, NvmeStatus status)
    {
        world.Require(!_isClosed, "A command failed after the end of its connection.");
        return _handler.OnFailed(slot, status);
    }

    public void OnSending() => _handler.OnSending();

    public void OnLentDataReturned(CommandSlot slot) => _handler.OnLentDataReturned(slot);

    public void OnTimer(long now) => _handler.OnTimer(now);
}
