using ManagedNvmet.Backends.Identities;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Loop;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends;

/// <summary>A namespace on a regular file or a block device (a disk, a partition, a logical volume, a zvol).</summary>
/// <remarks>Operations run on the disk queue of the shard that submits them, with direct I/O where that works. Submit only from a
/// shard's thread. A device that disappears fails its commands and nothing else.</remarks>
public sealed partial class FileDevice : BlockDevice
{
    private readonly int _fd;
    private readonly TransferEnd _end = new();
    private readonly bool _isReadOnlyByChoice;

    // As they are while the device accepts writes.
    private BlockDeviceProperties _writable;
    private volatile BlockDeviceProperties _properties;
    private bool _isClosed;

    private FileDevice(FileDeviceOpening opening, string path, bool isReadOnly)
    {
        _fd = opening.Fd;
        Path = path;
        IsBlockDevice = opening.IsBlockDevice;
        IsDirect = opening.IsDirect;
        _writable = opening.Properties;
        _isReadOnlyByChoice = isReadOnly;
        _properties = CurrentProperties();
    }

    /// <summary>What was opened.</summary>
    public string Path { get; }

    /// <summary>The path, as log lines name the device.</summary>
    public override string ToString() => Path;

    /// <summary>True for a block device, false for a regular file.</summary>
    public bool IsBlockDevice { get; }

    /// <summary>False when reads and writes go through the page cache.</summary>
    public bool IsDirect { get; }

    /// <inheritdoc/>
    public override BlockDeviceProperties Properties => _properties;

    internal int Fd => _fd;

    /// <summary>Text that is equal for two paths of one file or block device, until the machine restarts; null when nothing is
    /// there.</summary>
    public static string? DiskAt(string path) =>
        NativeFile.Stat(-1, path, out FileStatus status) >= 0 ? DiskNameReader.DiskOf(status) : null;

    /// <summary>The names by which the identity of the open disk is found.</summary>
    /// <param name="mayMark">True when a file that carries no UUID may get one.</param>
    /// <exception cref="BackendException">The UUID that the file carries is damaged.</exception>
    public DiskNames ReadNames(bool mayMark) => new DiskNameReader().Read(_fd, Path, mayMark);

    /// <summary>Opens a file or block device for the use of this process alone.</summary>
    /// <exception cref="BackendException">It is missing, in use, not accessible, too small, or of the wrong kind.</exception>
    public static FileDevice Open(FileDeviceOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        var opening = new FileDeviceOpening(options, logger);
        opening.Open();
        return new FileDevice(opening, options.Path, options.IsReadOnly);
    }

    /// <inheritdoc/>
    public override void Submit(BlockRequest request)
    {
        DiskQueue disk = Shard.Current?.Disk ?? throw new InvalidOperationException("A file device is used from a shard's thread only.");
        long offset = (long)request.FirstBlock * Properties.BlockSize;
        switch (request.Operation)
        {
            case BlockOperation.Read when !request.ForceUnitAccess || Properties.IsReadOnly:
                disk.Read(_fd, request.Data, offset, _end, request);
                break;
            case BlockOperation.Write:
                disk.Write(_fd, request.Data, offset, request.ForceUnitAccess, _end, request);
                break;
            case BlockOperation.Flush:
                disk.Sync(_fd, dataOnly: true, _end, request);
                break;
            default:
                // Operations of several steps. Their state stays with the request, which the target uses again.
                var operation = request.DeviceState as FileOperation;
                if (operation is null)
                    request.DeviceState = operation = new FileOperation();
                operation.Start(this, request, disk);
                break;
        }
    }

    /// <summary>Asks for the present size of the file or device, and whether the device accepts writes; <see cref="Properties"/> then have
    /// the answers.</summary>
    /// <returns>True when one of them is another than before. A device that does not tell its size, or has less than one block left, counts
    /// as unchanged: commands beyond its end fail.</returns>
    /// <remarks>Not after <see cref="DisposeAsync"/> has begun.</remarks>
    public bool Refresh()
    {
        BlockDeviceProperties old = _properties;
        if (NativeFile.SizeOf(_fd, IsBlockDevice) is { } sizeBytes && (ulong)sizeBytes / (ulong)old.BlockSize is > 0 and var blockCount)
            _writable = _writable with { BlockCount = blockCount };
        BlockDeviceProperties now = CurrentProperties();
        if (now == old)
            return false;
        _properties = now;
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (!_isClosed)
            NativeFile.Close(_fd);
        _isClosed = true;
        return base.DisposeAsync();
    }

    /// <summary>The status of a finished transfer. One that stopped short has met the end of a file that somebody cut.</summary>
    internal static NvmeStatus StatusOf(BlockRequest request, long result)
    {
        bool isRead = request.Operation == BlockOperation.Read;
        if (result < 0)
            return isRead ? MediaErrors.OfRead((int)-result) : MediaErrors.OfWrite((int)-result);
        if (result != request.Data.Length)
            return isRead ? NvmeStatus.UnrecoveredReadError : NvmeStatus.WriteFault;
        return NvmeStatus.Success;
    }

    private BlockDeviceProperties CurrentProperties() => _isReadOnlyByChoice || (IsBlockDevice && NativeFile.IsReadOnlyDevice(_fd))
        ? _writable with { IsReadOnly = true, Capabilities = BlockDeviceCapabilities.None, DeallocateGranularity = 0 }
        : _writable;

    private sealed class TransferEnd : IDiskCompletion
    {
        // A flush has no data, and its result is 0: the same rule fits it.
        public void OnDiskCompleted(long result, object? state)
        {
            var request = (BlockRequest)state!;
            request.Complete(StatusOf(request, result));
        }
    }
}
