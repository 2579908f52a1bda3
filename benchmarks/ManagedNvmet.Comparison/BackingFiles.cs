using System.Security.Cryptography;
using ManagedNvmet.Comparison.Bars;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace ManagedNvmet.Comparison;

/// <summary>The temporary folder of this run: the served file, the file of the loop device, sockets and state. Disposal deletes
/// it.</summary>
public sealed class BackingFiles : IAsyncDisposable
{
    /// <summary>Size of the file, the memory and the null device in bytes.</summary>
    public const int Size = 512 << 20;

    private const int Chunk = 1 << 20;

    private readonly string? _device;
    private string? _loopDevice;

    /// <param name="device">Path of the block device that the command line names, or null.</param>
    public BackingFiles(string? device)
    {
        _device = device;
        string parent = Environment.GetEnvironmentVariable("TMPDIR") ?? "/var/tmp";
        Folder = Directory.CreateDirectory(Path.Combine(parent, $"nvme-compare-{Environment.ProcessId}")).FullName;
    }

    /// <summary>Path of the folder.</summary>
    public string Folder { get; }

    private string DiskFile => Path.Combine(Folder, "disk.img");

    private string LoopFile => Path.Combine(Folder, "loop.img");

    /// <summary>Returns why this storage is not available here; null when it is.</summary>
    public string? Missing(Backing backing) => backing switch
    {
        Backing.LoopDevice when Environment.UserName != "root" => "a loop device needs root",
        Backing.LoopDevice when Machine.Find("losetup") is null => "losetup is not installed (package mount)",
        Backing.LoopDevice when !File.Exists("/dev/loop-control") => "this kernel has no loop devices",
        Backing.Device when _device is null => "no device given; give one with --device PATH (its content is lost)",
        _ => null,
    };

    /// <summary>Returns the path of the file or device. The first call creates it.</summary>
    public async Task<string> PathAsync(Backing backing, CancellationToken cancellationToken)
    {
        switch (backing)
        {
            case Backing.CachedFile or Backing.DirectFile:
                await CreateAsync(DiskFile, cancellationToken);
                return DiskFile;
            case Backing.LoopDevice:
                if (_loopDevice is null)
                {
                    await CreateAsync(LoopFile, cancellationToken);
                    string[] arguments = ["--find", "--show", "--direct-io=on", "--sector-size", "4096", LoopFile];
                    _loopDevice = (await ChildProcess.RunAsync("losetup", arguments, null, cancellationToken)).Trim();
                }
                return _loopDevice;
            default:
                return _device ?? throw new ComparisonException(Missing(backing) ?? $"{backing} has no path.");
        }
    }

    /// <summary>Prepares the page cache before each measurement, so that a measurement does not affect the next one. It writes dirty pages
    /// back, and then reads the file into the page cache or drops it from there. An O_DIRECT write to cached blocks costs the kernel half
    /// as much again.</summary>
    public async Task PrepareAsync(Backing backing, CancellationToken cancellationToken)
    {
        if (backing is not (Backing.CachedFile or Backing.DirectFile))
            return;
        string path = await PathAsync(backing, cancellationToken);

        // Uses open(2) instead of .NET streams, because those lock the file, and a server already holds a lock.
        await ChildProcess.RunAsync("sync", [path], null, cancellationToken);
        int fd = Syscall.open(path, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
        if (fd < 0)
            throw new ComparisonException($"{path} cannot be opened: {Stdlib.strerror(Stdlib.GetLastError())}");
        using var file = new SafeFileHandle(fd, ownsHandle: true);
        if (backing == Backing.CachedFile)
            ReadIntoCache(file, path, cancellationToken);
        else
            Advise(file, path, PosixFadviseAdvice.POSIX_FADV_DONTNEED);
    }

    /// <summary>Detaches the loop device and deletes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_loopDevice is not null)
            await ChildProcess.RunAsync("losetup", ["--detach", _loopDevice], null, CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    // Writes random bytes, so that the file has no holes.
    private static async Task CreateAsync(string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
            return;
        byte[] noise = new byte[Chunk];
        await using var file = new FileStream(path, FileMode.CreateNew);
        for (int written = 0; written < Size; written += Chunk)
        {
            RandomNumberGenerator.Fill(noise);
            await file.WriteAsync(noise, cancellationToken);
        }
        file.Flush(flushToDisk: true);

        // Drops the file from the page cache, where these large writes have created large folios; see ReadIntoCache.
        Advise(file.SafeFileHandle, path, PosixFadviseAdvice.POSIX_FADV_DONTNEED);
    }

    // Disables read-ahead (POSIX_FADV_RANDOM), so that the page cache holds single pages. Read-ahead creates folios whose size depends on
    // the machine, and a 4 KiB write to a large folio costs the file system more than the server's whole work.
    private static void ReadIntoCache(SafeFileHandle file, string path, CancellationToken cancellationToken)
    {
        Advise(file, path, PosixFadviseAdvice.POSIX_FADV_RANDOM);
        byte[] chunk = new byte[Chunk];
        for (long offset = 0; offset < Size; offset += Chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (RandomAccess.Read(file, chunk, offset) != Chunk)
                throw new ComparisonException($"{path} is shorter than {Size} bytes; did another program truncate it?");
        }
    }

    private static void Advise(SafeFileHandle file, string path, PosixFadviseAdvice advice)
    {
        if (Syscall.posix_fadvise((int)file.DangerousGetHandle(), 0, 0, advice) != 0)
            throw new ComparisonException($"posix_fadvise with {advice} failed for {path}.");
    }
}
