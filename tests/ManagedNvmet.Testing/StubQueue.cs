using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Testing;

/// <summary>A minimal command handler. Connect succeeds, a read returns the <see cref="Pattern"/> with the seed in CDW10, a write is
/// recorded, and Asynchronous Event Requests stay outstanding. A test replaces single steps.</summary>
public sealed class StubQueue(ControllerConnection connection) : ICommandHandler
{
    private bool _isConnected;

    public ControllerConnection Connection { get; } = connection;

    public long Deadline { get; set; } = long.MaxValue;

    public int ParkedCommands { get; set; }

    /// <summary>Replaces the handling of an arriving command.</summary>
    public Action<CommandSlot>? Command { get; set; }

    /// <summary>Replaces the execution of all commands except Connect.</summary>
    public Action<CommandSlot>? Execute { get; set; }

    /// <summary>Declares which commands the handler executes without a buffer.</summary>
    public DataPlacement Handling { get; set; }

    /// <summary>Replaces the execution of Connect.</summary>
    public Action<CommandSlot>? ConnectExecute { get; set; }

    public Action? Closed { get; set; }

    /// <summary>True to keep commands other than Connect in <see cref="Held"/> instead of executing them.</summary>
    public bool HoldsExecution { get; set; }

    public bool RecordsWrites { get; set; } = true;

    public List<CommandSlot> Held { get; } = [];

    public List<byte[]> Writes { get; } = [];

    public List<ushort> Executed { get; } = [];

    public List<CloseReason> CloseReasons { get; } = [];

    /// <summary>Statuses of the commands that ended before execution.</summary>
    public List<NvmeStatus> Failures { get; } = [];

    /// <summary>Number of notifications that completed commands are about to be sent.</summary>
    public int SendingCount { get; private set; }

    /// <summary>Number of times that lent data was returned.</summary>
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

    /// <summary>Executes a held command.</summary>
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

    /// <summary>Executes all held commands in order of arrival.</summary>
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
