using System.Runtime.InteropServices;

namespace ManagedNvmet.Backends;

/// <summary>System calls for opening and asking about files and block devices. They may block; results are values or -errno.</summary>
internal static unsafe partial class NativeFile
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Exclusive = 0x80;
    public const int PathOnly = 0x200000;
    public const int CloseOnExec = 0x80000;
    public const int LockShared = 1;
    public const int LockExclusive = 2;

    // O_DIRECT and O_DIRECTORY changed places on arm64.
    public static readonly int Direct = IsArm ? 0x10000 : 0x4000;
    public static readonly int DirectoryOnly = IsArm ? 0x4000 : 0x10000;

    private const string Library = "libc";
    private const int LockNonBlocking = 4;
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int EmptyPath = 0x1000;
    private const uint StatBasicAndDirect = 0x7FF | 0x2000;
    private const int StatBytes = 256;
    private const int CurrentFolder = -100;
    private const nuint BlockSize64 = 0x80081272;
    private const nuint BlockLogicalSize = 0x1268;
    private const nuint BlockPhysicalSize = 0x127B;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    public static int Open(string path, int flags) => Result(OpenCall(path, flags | CloseOnExec, 0));

    public static void Close(int fd) => CloseCall(fd);

    public static int Lock(int fd, int kind) => Result(FlockCall(fd, kind | LockNonBlocking));

    public static int Sync(int fd) => Result(FsyncCall(fd));

    public static int Fallocate(int fd, int mode, long offset, long length) => Result(FallocateCall(fd, mode, offset, length));

    /// <summary>Takes O_DIRECT back from an open descriptor.</summary>
    public static int MakeBuffered(int fd)
    {
        int flags = Result(ControlFlags(fd, GetFlags, 0));
        return flags < 0 ? flags : Result(ControlFlags(fd, SetFlags, flags & ~Direct));
    }

    /// <summary>Asks about an open descriptor, or about a path when <paramref name="fd"/> is negative.</summary>
    public static int Stat(int fd, string path, out FileStatus status)
    {
        // The kernel fills at most the size of struct statx, which is the size of this buffer on the stack.
        byte* buffer = stackalloc byte[StatBytes];
        new Span<byte>(buffer, StatBytes).Clear();
        int result = fd < 0
            ? Result(StatCall(CurrentFolder, path, 0, StatBasicAndDirect, buffer))
            : Result(StatCall(fd, "", EmptyPath, StatBasicAndDirect, buffer));
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
        int result = Result(ControlCall(fd, BlockSize64, &size));
        if (result >= 0)
            result = Result(ControlCall(fd, BlockLogicalSize, &logical));
        if (result >= 0)
            result = Result(ControlCall(fd, BlockPhysicalSize, &physical));
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
            return ControlCall(fd, BlockSize64, &size) < 0 ? null : size;
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
            nint count = PreadCall(fd, memory, (nuint)length, offset);
            return count < 0 ? -Marshal.GetLastPInvokeError() : (int)count;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    public static string Explain(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    private static int Result(int value) => value < 0 ? -Marshal.GetLastPInvokeError() : value;

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "close")]
    private static partial int CloseCall(int fd);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    private static partial int FlockCall(int fd, int operation);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    private static partial int FsyncCall(int fd);

    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FallocateCall(int fd, int mode, long offset, long length);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int ControlFlags(int fd, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int ControlCall(int fd, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    private static partial nint PreadCall(int fd, void* buffer, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatCall(int folder, string path, int flags, uint mask, byte* status);
}
