using System.Runtime.InteropServices;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends;

/// <summary>System calls for opening and asking about files and block devices. They may block; results are values or -errno.</summary>
internal static unsafe class NativeFile
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int PathOnly = 0x200000;
    public const int CloseOnExec = 0x80000;
    public const int LockShared = 1;
    public const int LockExclusive = 2;

    // O_DIRECT and O_DIRECTORY changed places on arm64.
    public static readonly int Direct = IsArm ? 0x10000 : 0x4000;
    public static readonly int DirectoryOnly = IsArm ? 0x4000 : 0x10000;

    private const int LockNonBlocking = 4;
    private const int OwnerOnly = 0x180;
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int EmptyPath = 0x1000;
    private const uint StatBasicAndDirect = 0x7FF | 0x2000;
    private const int StatBytes = 256;
    private const int CurrentFolder = -100;
    private const nuint BlockSize64 = 0x80081272;
    private const nuint BlockLogicalSize = 0x1268;
    private const nuint BlockPhysicalSize = 0x127B;
    private const nuint BlockReadOnly = 0x125E;
    private const nuint BlockVolumeName = 0x8100127D;
    private const int VolumeNameBytes = 256;
    private const int CreateOnly = 1;
    private const int SetSignal = 10;
    private const int SignalUrgent = 23;
    private const int SetLease = 1024;
    private const int ReadLease = 0;
    private const int NoLease = 2;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>Opens a file; with <see cref="Create"/> one that is made is for its owner alone.</summary>
    /// <returns>The descriptor, or -errno.</returns>
    public static int Open(string path, int flags) => LibC.Result(LibC.Open(path, flags | CloseOnExec, OwnerOnly));

    public static void Close(int fd) => LibC.Close(fd);

    public static int Lock(int fd, int kind) => LibC.Result(LibC.Lock(fd, kind | LockNonBlocking));

    public static int Sync(int fd) => LibC.Result(LibC.Sync(fd));

    public static int Fallocate(int fd, int mode, long offset, long length) => LibC.Result(LibC.Fallocate(fd, mode, offset, length));

    /// <summary>Takes O_DIRECT back from an open descriptor.</summary>
    public static int MakeBuffered(int fd)
    {
        int flags = LibC.Result(LibC.FileControl(fd, GetFlags, 0));
        return flags < 0 ? flags : LibC.Result(LibC.FileControl(fd, SetFlags, flags & ~Direct));
    }

    /// <summary>Asks about an open descriptor, or about a path when <paramref name="fd"/> is negative.</summary>
    public static int Stat(int fd, string path, out FileStatus status)
    {
        // The kernel fills at most the size of struct statx, which is the size of this buffer on the stack.
        byte* buffer = stackalloc byte[StatBytes];
        new Span<byte>(buffer, StatBytes).Clear();
        int result = fd < 0
            ? LibC.Result(LibC.Stat(CurrentFolder, path, 0, StatBasicAndDirect, buffer))
            : LibC.Result(LibC.Stat(fd, "", EmptyPath, StatBasicAndDirect, buffer));
        status = new FileStatus
        {
            HasDirectAlignment = (*(uint*)buffer & 0x2000) != 0,
            PreferredBytes = *(int*)(buffer + 4),
            UserId = *(uint*)(buffer + 20),
            GroupId = *(uint*)(buffer + 24),
            Mode = *(ushort*)(buffer + 28),
            Inode = *(ulong*)(buffer + 32),
            SizeBytes = *(long*)(buffer + 40),
            DeviceMajor = *(uint*)(buffer + 128),
            DeviceMinor = *(uint*)(buffer + 132),
            FileSystemMajor = *(uint*)(buffer + 136),
            FileSystemMinor = *(uint*)(buffer + 140),
            DirectMemoryAlignment = *(uint*)(buffer + 152),
            DirectOffsetAlignment = *(uint*)(buffer + 156),
        };
        return result;
    }

    /// <summary>Size and block sizes of an open block device, in bytes.</summary>
    public static int AskBlockDevice(int fd, out long sizeBytes, out int logicalBlockSize, out int physicalBlockSize)
    {
        // Each ioctl fills one number, of the size that the local on the stack has.
        long size = 0;
        int logical = 0;
        uint physical = 0;
        int result = LibC.Result(LibC.Control(fd, BlockSize64, &size));
        if (result >= 0)
            result = LibC.Result(LibC.Control(fd, BlockLogicalSize, &logical));
        if (result >= 0)
            result = LibC.Result(LibC.Control(fd, BlockPhysicalSize, &physical));
        sizeBytes = size;
        logicalBlockSize = logical;
        physicalBlockSize = (int)physical;
        return result;
    }

    /// <summary>Bytes of an open file or block device; null when it does not say.</summary>
    public static long? SizeOf(int fd, bool isBlockDevice)
    {
        if (isBlockDevice)
        {
            // The ioctl fills one number, of the size that the local on the stack has.
            long size = 0;
            return LibC.Control(fd, BlockSize64, &size) < 0 ? null : size;
        }
        return Stat(fd, "", out FileStatus status) < 0 ? null : status.SizeBytes;
    }

    /// <summary>Reads once into memory aligned to 4096 bytes, which is thrown away: does a read of this shape work at all?</summary>
    /// <returns>Bytes, or -errno.</returns>
    public static int ProbeRead(int fd, long offset, int length)
    {
        // Freed below, and not handed out; the kernel writes at most the length that was allocated.
        void* memory = NativeMemory.AlignedAlloc((nuint)length, 4096);
        try
        {
            nint count = LibC.ReadAt(fd, memory, (nuint)length, offset);
            return (int)LibC.Result(count);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>True when a process, or the kernel, has the file open for writing.</summary>
    /// <param name="fd">The file, open for reading only.</param>
    /// <returns>False also when the kernel does not tell: the file belongs to another user, or its file system has no leases.</returns>
    public static bool IsOpenForWriting(int fd)
    {
        // The kernel refuses a read lease while somebody has the file open for writing. The lease is given back at once. Who opens the file
        // in between makes the kernel send a signal: SIGURG is ignored by default, SIGIO would end the process.
        _ = LibC.FileControl(fd, SetSignal, SignalUrgent);
        int result = LibC.Result(LibC.FileControl(fd, SetLease, ReadLease));
        if (result >= 0)
            _ = LibC.FileControl(fd, SetLease, NoLease);
        return result == -Io.Native.Errno.EAGAIN;
    }

    /// <summary>True when an open block device refuses writes, whoever writes (BLKROGET).</summary>
    public static bool IsReadOnlyDevice(int fd)
    {
        // The ioctl fills one number, of the size that the local on the stack has.
        int isReadOnly = 0;
        return LibC.Control(fd, BlockReadOnly, &isReadOnly) >= 0 && isReadOnly != 0;
    }

    /// <summary>The name of the ZFS volume that an open block device is; null for every other device (BLKZNAME).</summary>
    public static string? VolumeNameOf(int fd)
    {
        // The kernel fills at most the number of bytes that stands in the ioctl's number, which is the size of this buffer.
        byte* name = stackalloc byte[VolumeNameBytes];
        new Span<byte>(name, VolumeNameBytes).Clear();
        if (LibC.Control(fd, BlockVolumeName, name) < 0)
            return null;
        var bytes = new ReadOnlySpan<byte>(name, VolumeNameBytes);
        int end = bytes.IndexOf((byte)0);
        return end > 0 ? System.Text.Encoding.UTF8.GetString(bytes[..end]) : null;
    }

    /// <summary>The path of an open file without links in it; null when it has none any more.</summary>
    public static string? PathOf(int fd)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/self/fd/{fd}", returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads an extended attribute.</summary>
    /// <returns>Bytes, or -errno.</returns>
    public static int ReadAttribute(int fd, string name, Span<byte> value)
    {
        fixed (byte* start = value)
            return (int)LibC.Result(LibC.GetAttribute(fd, name, start, (nuint)value.Length));
    }

    /// <summary>Makes an extended attribute that is not there yet.</summary>
    /// <returns>0, or -errno.</returns>
    public static int CreateAttribute(int fd, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value)
            return LibC.Result(LibC.SetAttribute(fd, name, start, (nuint)value.Length, CreateOnly));
    }

    public static string Explain(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
