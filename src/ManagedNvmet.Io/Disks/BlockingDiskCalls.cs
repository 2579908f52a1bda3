using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Disks;

/// <summary>Runs disk operations by blocking system calls, on worker threads.</summary>
internal static unsafe class BlockingDiskCalls
{
    private const int Dsync = 0x2;
    private const nuint BlockDiscard = 0x1277;
    private const nuint BlockZeroOut = 0x127F;

    /// <summary>Runs one system call of the operation.</summary>
    /// <returns>Bytes, 0, or -errno.</returns>
    public static long Run(DiskOperation operation)
    {
        switch (operation.Kind)
        {
            case DiskOperationKind.Read:
            case DiskOperationKind.Write:
            case DiskOperationKind.WriteDurable:
                return Transfer(operation);
            case DiskOperationKind.Sync:
                return LibC.Result(LibC.Sync(operation.Fd));
            case DiskOperationKind.SyncData:
                return LibC.Result(LibC.SyncData(operation.Fd));
            case DiskOperationKind.Fallocate:
                return LibC.Result(LibC.Fallocate(operation.Fd, operation.Mode, operation.Offset, operation.Length));
            case DiskOperationKind.DeviceDiscard:
                return Control(operation, BlockDiscard);
            case DiskOperationKind.DeviceZeroOut:
                return Control(operation, BlockZeroOut);
            default:
                return -Errno.EINVAL;
        }
    }

    private static long Transfer(DiskOperation operation)
    {
        // The vector is on the stack for the call; the memory it names is pinned, and the operation keeps it alive.
        var vector = new IoVector { Base = operation.Address, Length = (nuint)(operation.Length - operation.Done) };
        long offset = operation.Offset + operation.Done;
        if (operation.Kind == DiskOperationKind.Read)
            return LibC.Result(LibC.ReadVector(operation.Fd, &vector, 1, offset, 0));
        int flags = operation.Kind == DiskOperationKind.WriteDurable ? Dsync : 0;
        return LibC.Result(LibC.WriteVector(operation.Fd, &vector, 1, offset, flags));
    }

    private static long Control(DiskOperation operation, nuint request)
    {
        // Two 64-bit numbers, first byte and byte count, on the stack for the call.
        ulong* range = stackalloc ulong[2] { (ulong)operation.Offset, (ulong)operation.Length };
        return LibC.Result(LibC.Control(operation.Fd, request, range));
    }
}
