using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Memory;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends;

/// <summary>An operation on a <see cref="FileDevice"/> that takes several steps: Deallocate, Write Zeroes, and a Read with Force Unit
/// Access, which makes the blocks durable first.</summary>
internal sealed class FileOperation : IDiskCompletion
{
    private const int ZeroBytes = 1024 * 1024;

    // Source of zeros for all devices of the process. It is never written to.
    private static readonly Lazy<Memory<byte>> Zeros = new(MakeZeros);

    private FileDevice _device = null!;
    private BlockRequest _request = null!;
    private DiskQueue _disk = null!;
    private Step _step;
    private int _rangeIndex;
    private long _position;
    private long _end;

    private enum Step
    {
        SyncBeforeRead,
        Read,
        Deallocate,
        PunchHole,
        ZeroRange,
        ZeroOut,
        WriteZeros,
        SyncAfterZeroes,
    }

    private int BlockSize => _device.Properties.BlockSize;

    public void Start(FileDevice device, BlockRequest request, DiskQueue disk)
    {
        _device = device;
        _request = request;
        _disk = disk;
        _position = (long)request.FirstBlock * BlockSize;
        _end = _position + ((long)request.BlockCount * BlockSize);
        switch (request.Operation)
        {
            case BlockOperation.Read:
                _step = Step.SyncBeforeRead;
                break;
            case BlockOperation.Deallocate:
                _step = Step.Deallocate;
                _rangeIndex = -1;
                MoveToNextRange();
                return;
            default:
                bool mayDeallocate = request.DeallocateHint && device.Properties.Has(BlockDeviceCapabilities.Deallocate);
                _step = mayDeallocate ? Step.PunchHole : Step.ZeroRange;
                break;
        }
        Begin();
    }

    public void OnDiskCompleted(long result, object? state)
    {
        switch (_step)
        {
            case Step.SyncBeforeRead when result >= 0:
                _step = Step.Read;
                Begin();
                break;
            case Step.Read:
                End(FileDevice.StatusOf(_request, result));
                break;
            case Step.Deallocate when result >= 0 || IsUnsupported(result):
                // Deallocate is a hint, so an unsupported one counts as done.
                MoveToNextRange();
                break;
            case Step.PunchHole or Step.ZeroRange or Step.ZeroOut when IsUnsupported(result):
                _step = Fallback(_step);
                Begin();
                break;
            case Step.WriteZeros when result > 0 && _position + result < _end:
                _position += result;
                Begin();
                break;
            case Step.PunchHole or Step.ZeroRange or Step.ZeroOut or Step.WriteZeros when result >= 0 && _request.ForceUnitAccess:
                _step = Step.SyncAfterZeroes;
                Begin();
                break;
            default:
                End(result >= 0 ? NvmeStatus.Success : MediaErrors.OfWrite((int)-result));
                break;
        }
    }

    private static bool IsUnsupported(long result) =>
        result is -Errno.EOPNOTSUPP or -Errno.ENOSYS or -Errno.ENOTTY or -Errno.EINVAL;

    private static Memory<byte> MakeZeros()
    {
        new BufferArena(ZeroBytes, ZeroBytes).TryRent(ZeroBytes, out Memory<byte> zeros);
        zeros.Span.Clear();
        return zeros;
    }

    // Returns the next way to write zeros, from the cheapest one to writing zeros, which always works.
    private Step Fallback(Step step) => step switch
    {
        Step.PunchHole => Step.ZeroRange,
        Step.ZeroRange when _device.IsBlockDevice => Step.ZeroOut,
        _ => Step.WriteZeros,
    };

    private void Begin()
    {
        long length = _end - _position;
        switch (_step)
        {
            case Step.SyncBeforeRead:
            case Step.SyncAfterZeroes:
                _disk.Sync(_device.Fd, dataOnly: true, this);
                break;
            case Step.Read:
                _disk.Read(_device.Fd, _request.Data, _position, this);
                break;
            case Step.Deallocate when _device.IsBlockDevice:
                _disk.DeviceDiscard(_device.Fd, _position, length, this);
                break;
            case Step.Deallocate:
            case Step.PunchHole:
                _disk.PunchHole(_device.Fd, _position, length, this);
                break;
            case Step.ZeroRange:
                _disk.ZeroRange(_device.Fd, _position, length, this);
                break;
            case Step.ZeroOut:
                _disk.DeviceZeroOut(_device.Fd, _position, length, this);
                break;
            default:
                _disk.Write(_device.Fd, Zeros.Value[..(int)Math.Min(length, ZeroBytes)], _position, durable: false, this);
                break;
        }
    }

    // Starts the next range. A device discards only whole units of its granularity, so the range is shrunk to these. For a file, the kernel
    // zeroes the rest of a unit.
    private void MoveToNextRange()
    {
        while (++_rangeIndex < _request.Ranges.Length)
        {
            BlockRange range = _request.Ranges[_rangeIndex];
            _position = (long)range.FirstBlock * BlockSize;
            _end = _position + ((long)range.BlockCount * BlockSize);
            if (_device.IsBlockDevice)
            {
                long granularity = Math.Max(_device.Properties.DeallocateGranularity, BlockSize);
                _position = (_position + granularity - 1) / granularity * granularity;
                _end = _end / granularity * granularity;
            }
            if (_position < _end && _device.Properties.Has(BlockDeviceCapabilities.Deallocate))
            {
                Begin();
                return;
            }
        }
        End(NvmeStatus.Success);
    }

    private void End(NvmeStatus status)
    {
        BlockRequest request = _request;
        _request = null!;
        request.Complete(status);
    }
}
