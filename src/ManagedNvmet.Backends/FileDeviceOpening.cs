using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Native;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends;

/// <summary>Opens a file or block device: access, exclusive use, geometry, and whether direct I/O works on it.</summary>
internal sealed class FileDeviceOpening(FileDeviceOptions options, ILogger logger)
{
    private const int BufferAlignment = 4096;
    private const int WriterAttempts = 6;
    private const int WriterRetryMilliseconds = 40;

    private readonly string _path = options.Path;
    private bool _isCreated;

    public int Fd { get; private set; } = -1;

    public bool IsBlockDevice { get; private set; }

    public bool IsDirect { get; private set; }

    public BlockDeviceProperties Properties { get; private set; } = null!;

    /// <summary>Opens it, or throws a <see cref="BackendException"/> and leaves nothing open.</summary>
    public void Open()
    {
        try
        {
            FileStatus status = Find();
            IsBlockDevice = status.IsBlockDevice;
            FileStatus probed = default;
            string? writer = IsBlockDevice ? null : FindWriter(out probed);
            OpenDescriptor(status);
            if (!IsBlockDevice)
                TakeFile(probed, writer);
            ReadGeometry();
        }
        catch
        {
            if (Fd >= 0)
                NativeFile.Close(Fd);

            // A file that could not be served must not be in the way of the next attempt.
            if (_isCreated)
                File.Delete(_path);
            throw;
        }
    }

    private FileStatus Find()
    {
        int result = NativeFile.Stat(-1, _path, out FileStatus status);
        if (result == -Errno.ENOENT && options.CreateBytes is { } bytes)
        {
            Create(bytes);
            result = NativeFile.Stat(-1, _path, out status);
        }
        else if (result >= 0 && options.CreateBytes is { } asked && status.SizeBytes != asked)
            FileDevice.LogNotCreated(logger, _path, asked);
        if (result == -Errno.ENOENT)
        {
            throw new BackendException($"{_path} does not exist. Correct the path, or have a file created with the option create=SIZE.")
            {
                Setting = nameof(FileDeviceOptions.CreateBytes),
            };
        }
        if (result < 0)
            throw Refused(-result, status);
        if (!status.IsBlockDevice && !status.IsRegularFile)
        {
            string found = status.IsFolder ? "a folder" : "a special file";
            throw new BackendException($"{_path} is {found}; expected a regular file or a block device.");
        }
        return status;
    }

    private void Create(long bytes)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(_path)) ?? "/";
        if (IsFolderOfDevices(folder))
        {
            throw new BackendException($"{_path} does not exist, and a file is not created below /dev, where devices are. Correct the "
                + "path, or make the device available first.");
        }
        try
        {
            using var stream = new FileStream(_path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            _isCreated = true;
            stream.SetLength(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new BackendException($"{_path} cannot be created with {bytes} bytes: {e.Message}", e);
        }
        FileDevice.LogCreated(logger, _path, bytes);
        if (FreeBytes(folder) is { } free && free < bytes)
            FileDevice.LogBeyondFreeSpace(logger, _path, bytes, free);
    }

    // /dev/shm is a file system for files.
    private static bool IsFolderOfDevices(string folder)
    {
        int fd = NativeFile.Open(folder, NativeFile.PathOnly);
        string real = fd < 0 ? folder : NativeFile.PathOf(fd) ?? folder;
        if (fd >= 0)
            NativeFile.Close(fd);
        return (real + "/").StartsWith("/dev/", StringComparison.Ordinal)
            && !(real + "/").StartsWith("/dev/shm/", StringComparison.Ordinal);
    }

    private static long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void OpenDescriptor(FileStatus status)
    {
        int flags = options.IsReadOnly ? NativeFile.ReadOnly : NativeFile.ReadWrite;

        // On a block device O_EXCL asks the kernel for exclusive use: it refuses while a file system or another device holds it.
        if (IsBlockDevice)
            flags |= NativeFile.Exclusive;
        IsDirect = !options.IsBuffered;
        Fd = NativeFile.Open(_path, IsDirect ? flags | NativeFile.Direct : flags);
        if (Fd == -Errno.EINVAL && IsDirect)
        {
            IsDirect = false;
            FileDevice.LogBuffered(logger, _path, "its file system refuses direct I/O");
            Fd = NativeFile.Open(_path, flags);
        }
        if (Fd == -Errno.EBUSY && IsBlockDevice)
        {
            string user = DeviceUsers.OfBlockDevice(_path, status.DeviceMajor, status.DeviceMinor);
            if (!options.IsForced)
            {
                throw new BackendException($"{_path} is in use: it is {user}. Release it first; the option force serves it all the same, "
                    + "which destroys the data if both write.");
            }
            FileDevice.LogForced(logger, _path, user);
            Fd = NativeFile.Open(_path, (IsDirect ? flags | NativeFile.Direct : flags) & ~NativeFile.Exclusive);
        }
        if (Fd < 0)
            throw Refused(-Fd, status);
    }

    private void TakeFile(FileStatus probed, string? writer)
    {
        // The open descriptor is judged: the path may name another file by now.
        if (NativeFile.Stat(Fd, _path, out FileStatus status) < 0)
            return;
        if (!status.IsSameFile(probed) && probed.Inode != 0)
            throw new BackendException($"{_path} was replaced by another file while it was opened. Try again.");
        if (UserOfFile(status, writer) is not { } user)
            return;
        if (!options.IsForced)
        {
            throw new BackendException($"{_path} is in use: it is {user}. Stop that first; the option force serves it all the same, "
                + "which destroys the data if both write.");
        }
        FileDevice.LogForced(logger, _path, user);
    }

    private string? UserOfFile(FileStatus status, string? writer)
    {
        if (DeviceUsers.LoopDeviceOf(status, countsReaders: !options.IsReadOnly) is { } loop)
            return loop;
        int result = NativeFile.Lock(Fd, options.IsReadOnly ? NativeFile.LockShared : NativeFile.LockExclusive);
        if (result == -Errno.EAGAIN)
            return DeviceUsers.OfFile(status);
        if (result < 0)
            FileDevice.LogNotLocked(logger, _path, NativeFile.Explain(-result));
        return writer;
    }

    // Asked before the file is opened for writing here, since the kernel would count that, too. Network file systems refuse a lease that
    // their server has not given, whoever uses the file.
    private string? FindWriter(out FileStatus status)
    {
        status = default;
        int fd = NativeFile.Open(_path, NativeFile.ReadOnly);
        if (fd < 0)
            return null;
        try
        {
            NativeFile.Stat(fd, _path, out status);
            return !IsOnNetwork() && IsWrittenElsewhere(fd) ? DeviceUsers.WriterOf(status) : null;
        }
        finally
        {
            NativeFile.Close(fd);
        }
    }

    // Who has just closed the file may have it for a moment more: a child process between fork and exec, a loop device that is detached.
    private static bool IsWrittenElsewhere(int fd)
    {
        for (int attempt = 1; NativeFile.IsOpenForWriting(fd); attempt++)
        {
            if (attempt == WriterAttempts)
                return true;
            Thread.Sleep(WriterRetryMilliseconds);
        }
        return false;
    }

    private bool IsOnNetwork()
    {
        try
        {
            string type = new DriveInfo(Path.GetFullPath(_path)).DriveFormat;
            return type.StartsWith("nfs", StringComparison.Ordinal) || type.StartsWith("cifs", StringComparison.Ordinal)
                || type.StartsWith("smb", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private BackendException Refused(int errno, FileStatus status)
    {
        string access = options.IsReadOnly ? "reading" : "reading and writing";
        switch (errno)
        {
            case Errno.EACCES or Errno.EPERM:
                return new BackendException($"{Environment.UserName} may not open {_path} for {access}.{Rights(status)}");
            case Errno.EROFS:
                return new BackendException($"{_path} cannot be written: it or its file system is read-only. Serve it with the option ro.");
            case Errno.ENXIO or Errno.ENODEV:
                return new BackendException($"{_path} has no device behind it (any more): {NativeFile.Explain(errno)}.");
            default:
                return new BackendException($"{_path} cannot be opened for {access}: {NativeFile.Explain(errno)}.");
        }
    }

    private static string Rights(FileStatus status)
    {
        if (status.Mode == 0)
            return "";
        string mode = Convert.ToString(status.Mode & 0xFFF, 8).PadLeft(4, '0');
        return $" It belongs to {Accounts.User(status.UserId)}, group {Accounts.Group(status.GroupId)}, mode {mode}; "
            + "run as that user, or join that group if its mode allows it.";
    }

    private void ReadGeometry()
    {
        int result = NativeFile.Stat(Fd, _path, out FileStatus status);
        long sizeBytes = status.SizeBytes;
        int minBlockSize = BlockDeviceProperties.MinBlockSize;
        int physicalBlockSize = status.PreferredBytes;
        BlockQueueAttributes? queue = null;
        if (result >= 0 && IsBlockDevice)
        {
            result = NativeFile.AskBlockDevice(Fd, out sizeBytes, out minBlockSize, out physicalBlockSize);
            queue = BlockQueueAttributes.Read(status.DeviceMajor, status.DeviceMinor);
        }
        if (result < 0)
            throw new BackendException($"{_path} does not say how large it is: {NativeFile.Explain(-result)}.");

        int blockSize = options.BlockSize ?? minBlockSize;
        if (blockSize < minBlockSize)
        {
            throw new BackendException($"{_path} has blocks of {minBlockSize} bytes, so that block-size={blockSize} cannot be served. "
                + "Leave block-size out.");
        }
        ulong blockCount = (ulong)sizeBytes / (ulong)blockSize;
        if (blockCount == 0)
        {
            throw new BackendException($"{_path} has {sizeBytes} bytes, less than one block of {blockSize}. "
                + "Make it larger, for example with truncate --size.");
        }
        long lostBytes = sizeBytes % blockSize;
        if (lostBytes != 0)
            FileDevice.LogRoundedDown(logger, _path, sizeBytes, lostBytes, blockSize);

        CheckDirect(status, blockSize);
        bool canDeallocate = !options.IsReadOnly && (queue is null ? CanPunchHoles(sizeBytes) : queue.DiscardMaxBytes > 0);
        long granularity = queue?.DiscardGranularity ?? status.PreferredBytes;
        Properties = new BlockDeviceProperties
        {
            BlockSize = blockSize,
            BlockCount = blockCount,
            PhysicalBlockSize = physicalBlockSize > blockSize && int.IsPow2(physicalBlockSize) ? physicalBlockSize : blockSize,
            IsReadOnly = options.IsReadOnly,
            HasVolatileCache = queue is null || queue.HasVolatileCache || !IsDirect,

            // A hole of a file reads as zeros. A device that discards makes no such promise any more.
            Capabilities = !canDeallocate ? BlockDeviceCapabilities.None
                : IsBlockDevice ? BlockDeviceCapabilities.Deallocate
                : BlockDeviceCapabilities.Deallocate | BlockDeviceCapabilities.DeallocatedReadsZero,
            DeallocateGranularity = canDeallocate ? (int)Math.Clamp(granularity, blockSize, 1 << 30) : 0,
        };
        if (Properties.Validate() is { } fault)
            throw new BackendException($"{_path} cannot be served: {fault}.");
    }

    // Requests are aligned to a block, and their memory to 4096 bytes. A file that needs more goes through the page cache: to read and
    // write around the edges here would race with other commands.
    private void CheckDirect(FileStatus status, int blockSize)
    {
        if (!IsDirect)
            return;
        string? reason = null;
        if (status.HasDirectAlignment && status.DirectOffsetAlignment == 0)
            reason = "its file system does not support direct I/O";
        else if (status.HasDirectAlignment && status.DirectOffsetAlignment > blockSize)
        {
            reason = $"direct I/O needs blocks of {status.DirectOffsetAlignment} bytes, and it is served with {blockSize}";
            if (status.DirectOffsetAlignment <= BlockDeviceProperties.MaxBlockSize)
                reason += $"; block-size={status.DirectOffsetAlignment} would do, for a namespace that holds no data yet";
        }
        else if (status.HasDirectAlignment && status.DirectMemoryAlignment > BufferAlignment)
            reason = $"direct I/O needs memory aligned to {status.DirectMemoryAlignment} bytes";
        else
        {
            int result = NativeFile.ProbeRead(Fd, 0, blockSize);
            if (result < 0)
                reason = $"a direct read of {blockSize} bytes failed: {NativeFile.Explain(-result)}";
        }
        if (reason is null)
            return;
        FileDevice.LogBuffered(logger, _path, reason);
        NativeFile.MakeBuffered(Fd);
        IsDirect = false;
    }

    private bool CanPunchHoles(long sizeBytes)
    {
        // Beyond the end of the file, where there is nothing to lose; file systems that cannot do it say so all the same.
        long offset = (sizeBytes + 0xFFFF) & ~0xFFFFL;
        return NativeFile.Fallocate(Fd, (int)(FallocateMode.PunchHole | FallocateMode.KeepSize), offset, 4096) >= 0;
    }
}
