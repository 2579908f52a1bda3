namespace ManagedNvmet.Io.Native;

/// <summary>The Linux error numbers that this code decides by, positive. Calls return them negated.</summary>
public static class Errno
{
    /// <summary>The operation is not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file or directory.</summary>
    public const int ENOENT = 2;

    /// <summary>A signal interrupted the call.</summary>
    public const int EINTR = 4;

    /// <summary>Input/output error.</summary>
    public const int EIO = 5;

    /// <summary>No such device or address.</summary>
    public const int ENXIO = 6;

    /// <summary>Bad file descriptor.</summary>
    public const int EBADF = 9;

    /// <summary>Nothing there now: try again. The same number as EWOULDBLOCK.</summary>
    public const int EAGAIN = 11;

    /// <summary>Out of memory.</summary>
    public const int ENOMEM = 12;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>The device or resource is busy.</summary>
    public const int EBUSY = 16;

    /// <summary>The file exists.</summary>
    public const int EEXIST = 17;

    /// <summary>No such device.</summary>
    public const int ENODEV = 19;

    /// <summary>It is a directory.</summary>
    public const int EISDIR = 21;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>Too many open files in the system.</summary>
    public const int ENFILE = 23;

    /// <summary>Too many open files in this process.</summary>
    public const int EMFILE = 24;

    /// <summary>Inappropriate ioctl for the device.</summary>
    public const int ENOTTY = 25;

    /// <summary>The file is too large.</summary>
    public const int EFBIG = 27;

    /// <summary>No space left on the device.</summary>
    public const int ENOSPC = 28;

    /// <summary>The file system is read-only.</summary>
    public const int EROFS = 30;

    /// <summary>The other end is gone.</summary>
    public const int EPIPE = 32;

    /// <summary>The value does not fit into the buffer.</summary>
    public const int ERANGE = 34;

    /// <summary>The kernel does not have this call.</summary>
    public const int ENOSYS = 38;

    /// <summary>No data.</summary>
    public const int ENODATA = 61;

    /// <summary>The time is over.</summary>
    public const int ETIME = 62;

    /// <summary>A link has been severed.</summary>
    public const int ENOLINK = 67;

    /// <summary>Bad message: a checksum did not match.</summary>
    public const int EBADMSG = 74;

    /// <summary>Invalid or incomplete data: what a block device gives for a failed integrity check.</summary>
    public const int EILSEQ = 84;

    /// <summary>The operation is not supported here.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>The address is in use.</summary>
    public const int EADDRINUSE = 98;

    /// <summary>The address is not one of this machine.</summary>
    public const int EADDRNOTAVAIL = 99;

    /// <summary>The connection was aborted before it was accepted.</summary>
    public const int ECONNABORTED = 103;

    /// <summary>The peer reset the connection.</summary>
    public const int ECONNRESET = 104;

    /// <summary>No buffer space.</summary>
    public const int ENOBUFS = 105;

    /// <summary>The connection timed out.</summary>
    public const int ETIMEDOUT = 110;

    /// <summary>The operation has begun and is not over.</summary>
    public const int EINPROGRESS = 115;

    /// <summary>The file handle is stale: the file server forgot the file.</summary>
    public const int ESTALE = 116;

    /// <summary>The disk quota is used up.</summary>
    public const int EDQUOT = 122;

    /// <summary>The operation was cancelled.</summary>
    public const int ECANCELED = 125;
}
