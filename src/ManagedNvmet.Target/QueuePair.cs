using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target;

/// <summary>One queue pair: a connection's command handler, from its Connect to its end.</summary>
public sealed class QueuePair : ICommandHandler
{
    /// <summary>The controller that the queue belongs to, once Connect has succeeded.</summary>
    public Controller? Controller { get; private set; }

    /// <summary>QID: 0 for the admin queue.</summary>
    public int Id { get; private set; }

    /// <inheritdoc/>
    public long Deadline => throw new NotImplementedException();

    /// <inheritdoc/>
    public void OnCommand(CommandSlot slot) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void OnExecute(CommandSlot slot) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void OnClosed(CloseReason reason) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void OnTimer(long now) => throw new NotImplementedException();

    internal void Finish(CommandContext context, NvmeStatus status, ulong result) => throw new NotImplementedException();

    internal void ReportDeviceFailure(CommandContext context, Exception exception) => throw new NotImplementedException();
}
