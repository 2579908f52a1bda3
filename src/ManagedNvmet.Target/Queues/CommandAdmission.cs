using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Commands.Fabrics;
using ManagedNvmet.Target.Commands.Tables;
using ManagedNvmet.Target.Controllers;

namespace ManagedNvmet.Target.Queues;

/// <summary>The checks that every command passes before its own <see cref="Command.Admit"/>, in the order that <see cref="Command"/>
/// lists.</summary>
internal static class CommandAdmission
{
    private const uint AllNamespaces = 0xFFFF_FFFF;

    // FUSE: fused operations are not supported.
    private const int FusedBits = 3;

    /// <summary>Checks a command that is not a Fabrics command, and finds its row and its namespace.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NvmeStatus Check(QueuedCommand context, Controller? controller, CommandTable commands)
    {
        ref readonly SubmissionEntry entry = ref context.Entry;
        if (controller is null || controller.State != ControllerState.Ready)
            return NvmeStatus.CommandSequenceError;
        if (commands[entry.Opcode] is not { } command)
            return NvmeStatus.InvalidOpcode;
        context.Command = command;
        if (!context.Slot.SglStatus.IsSuccess)
            return context.Slot.SglStatus;
        if ((entry.Flags & FusedBits) != 0)
            return NvmeStatus.InvalidField;
        uint namespaceId = entry.NamespaceId;
        if (command.NamespaceUse != NamespaceUse.None && (namespaceId != AllNamespaces || command.NamespaceUse == NamespaceUse.One))
        {
            if (controller.View.Find(namespaceId) is not { } found)
                return NvmeStatus.InvalidNamespace;
            context.Namespace = found.Namespace;
            if (!found.PathStatus.IsSuccess)
                return found.PathStatus;
            if (found.IsWriteProtected && command.ModifiesMedium)
                return NvmeStatus.NamespaceWriteProtected;
            if (found.Throttles is not null && command.IsThrottled)
                context.Throttles = found.Throttles;
        }
        return command.Admit(context);
    }

    /// <summary>Checks a Fabrics command, and finds its row.</summary>
    public static NvmeStatus CheckFabrics(QueuedCommand context, Controller? controller)
    {
        var command = CommandTables.Fabrics[context.Entry.FabricsType] as FabricsCommand;
        bool isConnect = command is ConnectCommand;
        if (controller is null)
        {
            if (!isConnect)
                return NvmeStatus.CommandSequenceError;
        }
        else if (command is null || (controller.IsDiscovery && !command.IsForDiscovery))
        {
            return NvmeStatus.InvalidOpcode;
        }
        else if (isConnect)
        {
            return NvmeStatus.CommandSequenceError;
        }
        else if (context.Queue.Id != 0 && !command.IsForIoQueue)
        {
            return NvmeStatus.InvalidField;
        }
        context.Command = command;
        NvmeStatus sglStatus = context.Slot.SglStatus;
        return sglStatus.IsSuccess ? command!.Admit(context)
            : isConnect ? ConnectExecution.RefuseSgl(context, sglStatus)
            : sglStatus;
    }
}
