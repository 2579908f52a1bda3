using ManagedNvmet.Simulation.Model;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>The statuses that an I/O command may end with, and their meaning for the model of the disk.</summary>
internal static class OutcomeRules
{
    public static void Apply(World world, SimulatedCommand command, Operation operation)
    {
        NvmeStatus status = command.Status;
        if (command.IsLost)
        {
            world.Model.Lose(operation);
        }
        else if (status.IsSuccess)
        {
            world.Require(operation.Refusal.IsSuccess, $"A command succeeded that had to be refused with {operation.Refusal}.");
            world.Require(!command.MustBeAborted, "A command succeeded that the target said it had aborted.");
            NvmeStatus certain = operation.Disk is { } disk
                ? disk.CertainFailure(DeviceOperation(operation.Kind), operation.FirstBlock, operation.BlockCount)
                : NvmeStatus.Success;
            world.Require(certain.IsSuccess, $"A command succeeded although its disk cannot: {certain}.");
            world.Model.Succeed(operation, command.Data.Span);
        }
        else if (IsMediaError(status))
        {
            world.Require(!command.MustBeAborted, "The disk has worked on a command that the target said it had aborted.");
            world.Note(operation.Kind == OperationKind.Flush ? Situation.FlushFailed : Situation.MediumFailedCommand);
            world.Model.Fail(operation);
        }
        else
        {
            world.Require(IsExplained(world, command, operation, status),
                $"Nothing explains the status {status} of opcode {command.Entry.Opcode:X2}.");
            if (status.IsSameCode(NvmeStatus.CommandAborted))
                world.Note(Situation.CommandAbortedBeforeItBegan);
            if (status.IsSameCode(NvmeStatus.TransientTransportError))
                world.Note(Situation.DamagedDataFound);
            world.Model.Refuse(operation);
        }
    }

    private static bool IsMediaError(NvmeStatus status) =>
        status.IsSameCode(NvmeStatus.WriteFault)
        || status.IsSameCode(NvmeStatus.UnrecoveredReadError)
        || status.IsSameCode(NvmeStatus.CapacityExceeded);

    private static bool IsExplained(World world, SimulatedCommand command, Operation operation, NvmeStatus status)
    {
        if (!operation.Refusal.IsSuccess && status.IsSameCode(operation.Refusal))
            return true;
        HostQueue queue = command.Queue;
        Nqn host = queue.Association.Host.Name;
        if (status.IsSameCode(NvmeStatus.CommandAborted))
            return queue.Association.Aborts.Contains((queue.Id, command.Entry.CommandId));
        if (status.IsSameCode(NvmeStatus.TransientTransportError))
            return queue.Link.IsCorrupted;
        if (status.IsSameCode(NvmeStatus.CommandSequenceError))
            return queue.Association.IsLeaving;
        if (status.IsSameCode(NvmeStatus.AbortedBySubmissionQueueDeletion))
            return queue.IsDisconnecting || queue.Association.IsLeaving;
        if (status.IsSameCode(NvmeStatus.InvalidNamespace))
        {
            return operation.Disk is { } disk
                && (!disk.IsAttached
                    || disk.ChangedAt >= operation.Begin
                    || IsMasked(world, disk.MaskOf(host).WasHiddenSince(operation.Begin)));
        }
        if (status.IsSameCode(NvmeStatus.NamespaceWriteProtected))
        {
            return operation is { Disk: { } disk, Kind: OperationKind.Write or OperationKind.WriteZeroes or OperationKind.Deallocate }
                && IsMasked(world, disk.MaskOf(host).WasReadOnlySince(operation.Begin));
        }
        return false;
    }

    private static bool IsMasked(World world, bool wasMasked)
    {
        if (wasMasked)
            world.Note(Situation.CommandMetMask);
        return wasMasked;
    }

    private static BlockOperation DeviceOperation(OperationKind kind) => kind switch
    {
        OperationKind.Read => BlockOperation.Read,
        OperationKind.Write => BlockOperation.Write,
        OperationKind.WriteZeroes => BlockOperation.WriteZeroes,
        OperationKind.Deallocate => BlockOperation.Deallocate,
        _ => BlockOperation.Flush,
    };
}
