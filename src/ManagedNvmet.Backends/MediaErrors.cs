using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends;

/// <summary>Maps the error numbers of system calls on the medium to the status that the host gets. All devices use this map.</summary>
/// <remarks>Errors that may pass by themselves (no memory, a busy or reconnecting device) are retryable; errors that would occur again are
/// not.</remarks>
public static class MediaErrors
{
    /// <summary>Returns the status of a read that failed with this error number (positive).</summary>
    public static NvmeStatus OfRead(int errno) => Of(errno, NvmeStatus.UnrecoveredReadError);

    /// <summary>Returns the status of a write, a flush or another change that failed with this error number (positive).</summary>
    public static NvmeStatus OfWrite(int errno) => Of(errno, NvmeStatus.WriteFault);

    private static NvmeStatus Of(int errno, NvmeStatus mediumFailed)
    {
        switch (errno)
        {
            case 0:
                return NvmeStatus.Success;
            case Errno.EIO:
            case Errno.ENODATA:
            case Errno.EILSEQ:
            case Errno.EBADMSG:
                return mediumFailed;
            case Errno.ENOSPC:
            case Errno.EDQUOT:
                return NvmeStatus.CapacityExceeded;
            case Errno.EROFS:
            case Errno.EPERM:
            case Errno.EACCES:
                return NvmeStatus.NamespaceWriteProtected;
            case Errno.EOPNOTSUPP:
            case Errno.ENOSYS:
            case Errno.ENOTTY:
                return NvmeStatus.InvalidOpcode;
            case Errno.ENODEV:
            case Errno.ENXIO:
            case Errno.ENOMEM:
            case Errno.EAGAIN:
            case Errno.EBUSY:
            case Errno.ETIME:
            case Errno.ETIMEDOUT:
            case Errno.ENOLINK:
            case Errno.ENOBUFS:
            case Errno.ESTALE:
            case Errno.ECANCELED:
                return NvmeStatus.InternalError;
            default:
                return NvmeStatus.InternalError.WithDoNotRetry();
        }
    }
}
