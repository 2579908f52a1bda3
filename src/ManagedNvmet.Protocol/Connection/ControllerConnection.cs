using System.Net;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>The controller's end of an NVMe/TCP connection: one queue pair. A function of bytes and time.</summary>
public sealed class ControllerConnection
{
    /// <summary>The thread that owns this connection.</summary>
    public IConnectionScheduler Scheduler => throw new NotImplementedException();

    /// <summary>The limits in force.</summary>
    public ConnectionLimits Limits => throw new NotImplementedException();

    /// <summary>Where the host reached us, if it came over a network.</summary>
    public IPEndPoint? LocalEndPoint => throw new NotImplementedException();

    /// <summary>Where the host is, if it came over a network.</summary>
    public IPEndPoint? RemoteEndPoint => throw new NotImplementedException();

    /// <summary>True until the connection is over.</summary>
    public bool IsOpen => throw new NotImplementedException();

    /// <summary>Called while a Connect command is executed that is about to succeed: from now on this is a queue.</summary>
    /// <param name="isAdmin">QID 0.</param>
    /// <param name="entries">SQSIZE + 1: how many commands the host may have outstanding, 2 to 65536.</param>
    /// <param name="isFlowControlled">False when the host asked to do without SQ flow control and the target agrees: then SQHD is
    /// FFFFh in the Connect response and reserved later, and the SUCCESS flag is used.</param>
    public void Establish(bool isAdmin, int entries, bool isFlowControlled) => throw new NotImplementedException();

    /// <summary>Ends the connection: no response is sent any more; commands in execution come to their end unheard. On the owning thread.</summary>
    public void Close(CloseReason reason) => throw new NotImplementedException();

    /// <summary>Ends the connection after what is queued has been sent, or after a second. On the owning thread.</summary>
    public void CloseAfterSending(CloseReason reason) => throw new NotImplementedException();

    /// <summary>Says that <see cref="ICommandHandler.Deadline"/> has moved forward. On the owning thread.</summary>
    public void DeadlineChanged() => throw new NotImplementedException();

    internal void Accept(CommandSlot slot) => throw new NotImplementedException();

    internal void Complete(CommandSlot slot, NvmeStatus status, ulong result) => throw new NotImplementedException();

    internal bool TryAbort(CommandSlot slot, NvmeStatus status) => throw new NotImplementedException();

    /// <summary>The slot of a command that is outstanding on this queue, or null. On the owning thread.</summary>
    public CommandSlot? Find(ushort commandId) => throw new NotImplementedException();
}
