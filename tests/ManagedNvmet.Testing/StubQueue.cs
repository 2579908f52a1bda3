using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Testing;

/// <summary>A queue pair just good enough to talk to: Connect succeeds, a read gives the <see cref="Pattern"/> of CDW10, a write is
/// remembered, asynchronous event requests are kept. A test replaces what it needs to.</summary>
public sealed class StubQueue(ControllerConnection connection) : ICommandHandler
{
    private bool _isConnected;

    public ControllerConnection Connection { get; } = connection;

    public long Deadline { get; set; } = long.MaxValue;

    public int ParkedCommands { get; set; }

    /// <summary>Takes the place of what a command does when it arrives.</summary>
    public Action<CommandSlot>? Command { get; set; }

    /// <summary>Takes the place of the execution of everything but Connect.</summary>
    public Action<CommandSlot>? Execute { get; set; }

    /// <summary>What it says that it can do without a buffer.</summary>
    public DataPlacement Handling { get; set; }

    /// <summary>Takes the place of the execution of Connect.</summary>
    public Action<CommandSlot>? ConnectExecute { get; set; }

    public Action? Closed { get; set; }

    /// <summary>Commands other than Connect are kept in <see cref="Held"/> instead of executed.</summary>
    public bool HoldsExecution { get; set; }

    public bool RecordsWrites { get; set; } = true;

    public List<CommandSlot> Held { get; } = [];

    public List<byte[]> Writes { get; } = [];

    public List<ushort> Executed { get; } = [];

    public List<CloseReason> CloseReasons { get; } = [];

    /// <summary>How commands ended that never were executed.</summary>
    public List<NvmeStatus> Failures { get; } = [];

    /// <summary>How often it was told that what it completed is about to be sent.</summary>
    public int SendingCount { get; private set; }

    /// <summary>How often lent data came back.</summary>
    public int ReturnedLoans { get; private set; }

    public int Commands { get; private set; }

    public int Executions { get; private set; }

    public int Timers { get; private set; }

    public void OnCommand(CommandSlot slot)
    {
        Commands++;
        bool isConnect = slot.Entry.IsFabrics && slot.Entry.FabricsType == 0x01;
        if (Command is { } replaced && (!isConnect || _isConnected))
            replaced(slot);
        else if (isConnect == _isConnected)
            slot.Complete(NvmeStatus.CommandSequenceError);
        else if (!slot.SglStatus.IsSuccess)
            slot.Complete(slot.SglStatus);
        else
            slot.Accept(isConnect ? DataPlacement.Buffered : Handling);
    }

    public void OnExecute(CommandSlot slot)
    {
        Executions++;
        if (CloseReasons.Count > 0)
            throw new InvalidOperationException("A command began to execute after the end of its connection.");
        if (RecordsWrites)
            Executed.Add(slot.Entry.CommandId);
        if (!_isConnected)
            (ConnectExecute ?? Connect)(slot);
        else if (Execute is { } replaced)
            replaced(slot);
        else if (HoldsExecution || (Connection.IsAdmin && slot.Entry.Opcode == Entries.AsyncEventRequest))
            Held.Add(slot);
        else
            Finish(slot);
    }

    public void OnClosed(CloseReason reason)
    {
        CloseReasons.Add(reason);
        Closed?.Invoke();
    }

    public void OnTimer(long now) => Timers++;

    public NvmeStatus OnFailed(CommandSlot slot, NvmeStatus status)
    {
        Failures.Add(status);
        return status;
    }

    public void OnSending() => SendingCount++;

    public void OnLentDataReturned(CommandSlot slot) => ReturnedLoans++;

    /// <summary>Does the work of a command that was held.</summary>
    public void Finish(CommandSlot slot)
    {
        switch (slot.Direction)
        {
            case DataDirection.ControllerToHost:
                Pattern.Fill(slot.Data.Span, (int)(uint)slot.Entry.Cdw10);
                break;
            case DataDirection.HostToController when RecordsWrites:
                Writes.Add(slot.Data.ToArray());
                break;
            default:
                break;
        }
        slot.Complete(NvmeStatus.Success);
    }

    /// <summary>Completes everything that is held, in the order in which it came.</summary>
    public void FinishHeld()
    {
        CommandSlot[] held = [.. Held];
        Held.Clear();
        foreach (CommandSlot slot in held)
            Finish(slot);
    }

    private void Connect(CommandSlot slot)
    {
        bool isAdmin = slot.Entry.Cdw10 >> 16 == 0;
        int entries = (int)(slot.Entry.Cdw11 & 0xFFFF) + 1;
        bool isFlowControlled = (slot.Entry.Cdw11 & 0x4_0000) == 0;
        if (entries < 2)
        {
            slot.Complete(NvmeStatus.ConnectInvalidParameters);
            return;
        }
        _isConnected = true;
        Connection.Establish(isAdmin, entries, isFlowControlled);
        slot.Complete(NvmeStatus.Success, 1);
    }
}
