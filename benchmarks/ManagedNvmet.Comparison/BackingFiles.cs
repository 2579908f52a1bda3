using System.Security.Cryptography;
using ManagedNvmet.Comparison.Bars;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace ManagedNvmet.Comparison;

/// <summary>The folder of this run, removed at its end: the file that is served, the loop device over another one, sockets, state.</summary>
public sealed class BackingFiles : IAsyncDisposable
{
    /// <summary>Bytes of the file, of memory and of the null device.</summary>
    public const int Size = 512 << 20;

    private const int Chunk = 1 << 20;

    private readonly string? _device;
    private string? _loopDevice;

    /// <param name="device">The block device that the command line names, or null.</param>
    public BackingFiles(string? device)
    {
        _device = device;
        string parent = Environment.GetEnvironmentVariable("TMPDIR") ?? "/var/tmp";
        Folder = Directory.CreateDirectory(Path.Combine(parent, $"nvme-compare-{Environment.ProcessId}")).FullName;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    private string DiskFile => Path.Combine(Folder, "disk.img");

    private string LoopFile => Path.Combine(Folder, "loop.img");

    /// <summary>Why there is no such backing here; null when there is.</summary>
    public string? Missing(Backing backing) => backing switch
    {
        Backing.LoopDevice when Environment.UserName != "root" => "a loop device needs root",
        Backing.LoopDevice when Machine.Find("losetup") is null => "losetup is not installed (package mount)",
        Backing.LoopDevice when !File.Exists("/dev/loop-control") => "this kernel has no loop devices",
        Backing.Device when _device is null => "no device given: --device PATH, its content is lost",
        _ => null,
    };

    /// <summary>The path of a file or device, made when it is needed first.</summary>
    public async Task<string> PathAsync(Backing backing, CancellationToken cancellationToken)
    {
        switch (backing)
        {
            case Backing.CachedFile or Backing.DirectFile:
                await MakeAsync(DiskFile, cancellationToken);
                return DiskFile;
            case Backing.LoopDevice:
                if (_loopDevice is null)
                {
                    await MakeAsync(LoopFile, cancellationToken);
                    string[] arguments = ["--find", "--show", "--direct-io=on", "--sector-size", "4096", LoopFile];
                    _loopDevice = (await ChildProcess.RunAsync("losetup", arguments, null, cancellationToken)).Trim();
                }
                return _loopDevice;
            default:
                return _device ?? throw new ComparisonException(Missing(backing) ?? $"{backing} has no path.");
        }
    }

    /// <summary>Before each measurement: what one left to be written, or put into the page cache or out of it, is not the cost of the next. A
    /// write with O_DIRECT to what the cache holds costs the kernel half as much again.</summary>
    public async Task SettleAsync(Backing backing, CancellationToken cancellationToken)
    {
        if (backing is not (Backing.CachedFile or Backing.DirectFile))
            return;
        string path = await PathAsync(backing, cancellationToken);

        // Not by streams of .NET: they ask for a lock, which a server has.
        await ChildProcess.RunAsync("sync", [path], null, cancellationToken);
        int fd = Syscall.open(path, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
        if (fd < 0)
            throw new ComparisonException($"{path} cannot be read: {Stdlib.strerror(Stdlib.GetLastError())}");
        using var file = new SafeFileHandle(fd, ownsHandle: true);
        if (backing == Backing.CachedFile)
            ReadIntoCache(file, path, cancellationToken);
        else
            Advise(file, path, PosixFadviseAdvice.POSIX_FADV_DONTNEED);
    }

    /// <summary>Removes the loop device and the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_loopDevice is not null)
            await ChildProcess.RunAsync("losetup", ["--detach", _loopDevice], null, CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    // Written with noise, so that reads find blocks and not holes.
    private static async Task MakeAsync(string path, CancellationToken cancellationToken)
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

        // Out of the page cache again, where writes of this size made large pieces of it: see ReadIntoCache.
        Advise(file.SafeFileHandle, path, PosixFadviseAdvice.POSIX_FADV_DONTNEED);
    }

    // Without reading ahead (POSIX_FADV_RANDOM), so that the cache holds single pages. How large the pieces are that reading ahead makes depends
    // on the machine, and a write of 4 KiB to a large piece costs the file system more than all that a server does (docs/performance.md).
    private static void ReadIntoCache(SafeFileHandle file, string path, CancellationToken cancellationToken)
    {
        Advise(file, path, PosixFadviseAdvice.POSIX_FADV_RANDOM);
        byte[] chunk = new byte[Chunk];
        for (long offset = 0; offset < Size; offset += Chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (RandomAccess.Read(file, chunk, offset) != Chunk)
                throw new ComparisonException($"{path} is shorter than it was made.");
        }
    }

    private static void Advise(SafeFileHandle file, string path, PosixFadviseAdvice advice)
    {
        if (Syscall.posix_fadvise((int)file.DangerousGetHandle(), 0, 0, advice) != 0)
            throw new ComparisonException($"The kernel does not follow {advice} for {path}.");
    }
}
