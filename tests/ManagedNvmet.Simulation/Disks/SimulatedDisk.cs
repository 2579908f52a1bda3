using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Simulation.Disks;

/// <summary>A disk that survives restarts of the target. It has latencies, completes requests in any order, fails on some blocks, and loses
/// its cache in a crash. It stores version numbers instead of bytes, and checks all bytes that it is given.</summary>
internal sealed class SimulatedDisk : BlockDevice
{
    private readonly World _world;
    private readonly DiskOptions _options;
    private readonly ulong[] _durable;
    private readonly List<ulong>[] _cached;
    private readonly List<PendingRequest> _outstanding = [];
    private readonly HashSet<ulong> _unreadable = [];
    private readonly HashSet<ulong> _unwritable = [];
    private readonly HashSet<ulong> _full = [];
    private readonly Dictionary<Nqn, HostMask> _masks = [];
    private long _slowUntil;

    public SimulatedDisk(World world, uint id, DiskOptions options)
    {
        _world = world;
        _options = options;
        Id = id;
        BlockCount = (ulong)options.BlockCount;

        // Reserves room for a later growth of the disk.
        int most = options.BlockCount + 32;
        _durable = new ulong[most];
        _cached = new List<ulong>[most];
        for (int block = 0; block < most; block++)
            _cached[block] = [];
        SeededRandom random = world.Random;
        for (int left = random.Chance(50) ? 0 : random.Between(1, 4); left > 0; left--)
            random.Pick(_unreadable, _unwritable, _full).Add((ulong)random.Below(most));
    }

    /// <summary>Namespace identifier under which the target serves the disk.</summary>
    public uint Id { get; }

    public int BlockSize => _options.BlockSize;

    public ulong BlockCount { get; private set; }

    public int MaxBlockCount => _durable.Length;

    public bool HasVolatileCache => _options.HasVolatileCache;

    public bool DeallocatedReadsZero => _options.DeallocatedReadsZero;

    public bool SupportsDeallocate => _options.SupportsDeallocate;

    /// <summary>True while a namespace of the target uses the disk. Otherwise the target must not submit requests.</summary>
    public bool IsServed { get; set; }

    /// <summary>True while the target shows the namespace to hosts.</summary>
    public bool IsAttached { get; set; } = true;

    /// <summary>Model time at which the namespace was last added, removed or enlarged.</summary>
    public long ChangedAt { get; set; }

    /// <summary>Number of failed flushes.</summary>
    public int FailedFlushes { get; private set; }

    public int Outstanding => _outstanding.Count;

    public override BlockDeviceProperties Properties => new()
    {
        BlockSize = _options.BlockSize,
        BlockCount = BlockCount,
        HasVolatileCache = _options.HasVolatileCache,
        Capabilities = (_options.SupportsDeallocate ? BlockDeviceCapabilities.Deallocate : BlockDeviceCapabilities.None)
            | (_options.DeallocatedReadsZero ? BlockDeviceCapabilities.DeallocatedReadsZero : BlockDeviceCapabilities.None),
        DeallocateGranularity = _options.GranularityBlocks * _options.BlockSize,
    };

    public void Grow(int blocks) => BlockCount = Math.Min(BlockCount + (ulong)blocks, (ulong)_durable.Length);

    /// <summary>Makes the disk slow for this many µs.</summary>
    public void BeSlow(long microseconds) => _slowUntil = _world.Loop.Now + microseconds;

    /// <summary>Returns the restrictions of a host on the disk.</summary>
    public HostMask MaskOf(Nqn host)
    {
        if (!_masks.TryGetValue(host, out HostMask? mask))
            _masks.Add(host, mask = new HostMask());
        return mask;
    }

    /// <summary>Requires that, from now on, no request of a host violates its restrictions. Also checks that none is outstanding that
    /// does.</summary>
    public void Enforce(Nqn host)
    {
        MaskOf(host).IsInForce = true;
        foreach (PendingRequest pending in _outstanding)
            CheckMask(pending.Request);
    }

    /// <summary>Returns true when the disk was hidden from any host after <paramref name="begin"/>. A flush of all disks may then have
    /// skipped it.</summary>
    public bool WasHiddenSince(long begin) => _masks.Values.Any(mask => mask.WasHiddenSince(begin));

    /// <summary>Returns true while a request of this connection is outstanding.</summary>
    public bool IsUsedBy(ControllerConnection connection)
    {
        foreach (PendingRequest pending in _outstanding)
        {
            if (pending.Scheduler == connection.Scheduler)
                return true;
        }
        return false;
    }

    /// <summary>Returns the status with which a request to these blocks always fails, or success.</summary>
    public NvmeStatus CertainFailure(BlockOperation operation, ulong firstBlock, uint blockCount)
    {
        for (ulong block = firstBlock; block < firstBlock + blockCount; block++)
        {
            if (operation == BlockOperation.Read && _unreadable.Contains(block))
                return NvmeStatus.UnrecoveredReadError;
            if (operation is not (BlockOperation.Write or BlockOperation.WriteZeroes))
                continue;
            if (_unwritable.Contains(block))
                return NvmeStatus.WriteFault;
            if (_full.Contains(block))
                return NvmeStatus.CapacityExceeded;
        }
        return NvmeStatus.Success;
    }

    public override void Submit(BlockRequest request)
    {
        _world.Require(IsServed, "A disk was given work that nobody serves any more.");
        Check(request);
        CheckMask(request);
        var pending = new PendingRequest(request, _world.Current, (request as CommandContext)?.Slot.Scheduler);
        _outstanding.Add(pending);
        SeededRandom random = _world.Random;
        _world.Trace.Add("disk {0}: operation {1} at {2}, {3} blocks", Id, (long)request.Operation, (long)request.FirstBlock,
            request.BlockCount);
        if (random.Chance(50))
            Perform(pending);
        bool isSlow = _world.Loop.Now < _slowUntil;
        if (!isSlow && random.Chance(_options.InsidePercent))
            Complete(pending);
        else
            _world.Loop.After(random.Skewed(1, _options.MaxLatency) + (isSlow ? random.Below(3_000_000) : 0), () => Finish(pending));
    }

    /// <summary>Simulates a power failure. Each block of an outstanding write, and each block in the cache, may or may not reach the
    /// medium.</summary>
    public void Crash()
    {
        foreach (PendingRequest pending in _outstanding)
        {
            pending.IsDropped = true;
            bool isChange = pending.Request.Operation is BlockOperation.Write or BlockOperation.WriteZeroes or BlockOperation.Deallocate;
            if (isChange && !pending.IsPerformed)
                Change(pending.Request, percent: 50);
        }
        _outstanding.Clear();
        for (int block = 0; block < _durable.Length; block++)
        {
            if (_cached[block].Count == 0)
                continue;
            int kept = _world.Random.Below(_cached[block].Count + 1);
            if (kept < _cached[block].Count)
                _world.Note(Situation.CrashLostAcknowledgedWrites);
            if (kept > 0)
                _durable[block] = _cached[block][kept - 1];
            _cached[block].Clear();
        }
    }

    private void CheckMask(BlockRequest request)
    {
        if (request is not CommandContext { Controller: { } controller } || MaskOf(controller.HostNqn) is not { IsInForce: true } mask)
            return;
        bool isWrite = request.Operation is BlockOperation.Write or BlockOperation.WriteZeroes or BlockOperation.Deallocate;
        _world.Require(!mask.IsHidden && !(mask.IsReadOnly && isWrite), $"{controller.HostNqn} does what it may not do any more.");
    }

    private void Finish(PendingRequest pending)
    {
        if (pending.IsDropped)
            return;

        // Completes most requests on the submitting thread, as io_uring does, and the others on another thread, as other devices do.
        if (pending.Thread is { } thread && _world.Random.Chance(70))
            thread.Post(static state => ((Action)state!)(), () => Complete(pending));
        else
            Complete(pending);
    }

    private void Complete(PendingRequest pending)
    {
        if (pending.IsDropped)
            return;
        Perform(pending);
        _world.Require(pending.IsUnchanged, "A request was used again while the disk had it.");
        _outstanding.Remove(pending);
        _world.Trace.Add("disk {0}: operation {1} at {2} ends with {3:X}", Id, (long)pending.Request.Operation,
            (long)pending.Request.FirstBlock, pending.Status.Value);
        pending.Request.Complete(pending.Status);
        _world.Model.Settle();
    }

    private void Perform(PendingRequest pending)
    {
        if (pending.IsPerformed)
            return;
        pending.IsPerformed = true;
        BlockRequest request = pending.Request;
        pending.Status = CertainFailure(request.Operation, request.FirstBlock, request.BlockCount);
        if (pending.Status.IsSuccess && !_world.IsCalm && _world.Random.Below(1000) < _options.ErrorPermille)
            pending.Status = request.Operation == BlockOperation.Read ? NvmeStatus.UnrecoveredReadError : NvmeStatus.WriteFault;
        bool isSuccess = pending.Status.IsSuccess;
        switch (request.Operation)
        {
            case BlockOperation.Flush when isSuccess:
                if (_world.Sabotage != Sabotage.FlushDoesNothing)
                    MakeDurable(0, (ulong)_durable.Length);
                break;
            case BlockOperation.Flush:
                FailedFlushes++;
                break;
            case BlockOperation.Read:
                Read(request, isSuccess);
                break;
            default:
                // A failed write may have written a part of its blocks.
                Change(request, isSuccess ? 100 : 50);
                break;
        }
    }

    private void Read(BlockRequest request, bool isSuccess)
    {
        if (request.ForceUnitAccess)
            MakeDurable(request.FirstBlock, request.BlockCount);
        if (!isSuccess)
        {
            request.Data.Span.Fill(0xAB);
            return;
        }
        for (uint index = 0; index < request.BlockCount; index++)
        {
            ulong block = request.FirstBlock + index;
            BlockPattern.Fill(request.Data.Span.Slice((int)index * BlockSize, BlockSize), Current(block), Id, block);
        }
    }

    private void Change(BlockRequest request, int percent)
    {
        SeededRandom random = _world.Random;
        if (request.Operation == BlockOperation.Deallocate)
        {
            foreach (BlockRange range in request.Ranges)
                Deallocate(range, percent);
            return;
        }
        for (uint index = 0; index < request.BlockCount; index++)
        {
            ulong block = request.FirstBlock + index;
            ulong version = BlockPattern.Zero;
            if (request.Operation == BlockOperation.Write)
            {
                _world.Require(BlockPattern.TryRead(request.Data.Span.Slice((int)index * BlockSize, BlockSize), Id, block, out version),
                    $"Disk {Id} was given a block for address {block} that no host has sent there.");
            }
            else if (request.DeallocateHint && !_options.DeallocatedReadsZero)
            {
                version = BlockPattern.Ones;
            }
            if (percent == 100 || random.Chance(percent))
                Put(block, version, request.ForceUnitAccess && percent == 100);
        }
    }

    private void Deallocate(BlockRange range, int percent)
    {
        ulong granularity = (ulong)_options.GranularityBlocks;
        ulong first = (range.FirstBlock + granularity - 1) / granularity * granularity;
        ulong end = (range.FirstBlock + range.BlockCount) / granularity * granularity;
        for (ulong block = first; block < end; block++)
        {
            if (_world.Random.Chance(percent))
                Put(block, _options.DeallocatedReadsZero ? BlockPattern.Zero : BlockPattern.Ones, isForced: false);
        }
    }

    private void Put(ulong block, ulong version, bool isForced)
    {
        if (_world.Sabotage == Sabotage.SomeWritesAreLost && _world.Random.OneIn(50))
            return;
        _cached[block].Add(version);
        if (!_options.HasVolatileCache || (isForced && _world.Sabotage != Sabotage.ForceUnitAccessDoesNothing))
            MakeDurable(block, 1);
    }

    private void MakeDurable(ulong firstBlock, ulong count)
    {
        for (ulong block = firstBlock; block < firstBlock + count; block++)
        {
            if (_cached[block].Count == 0)
                continue;
            _durable[block] = _cached[block][^1];
            _cached[block].Clear();
        }
    }

    private ulong Current(ulong block) => _cached[block].Count > 0 ? _cached[block][^1] : _durable[block];

    private void Check(BlockRequest request)
    {
        bool hasRange = request.Operation is BlockOperation.Read or BlockOperation.Write or BlockOperation.WriteZeroes;
        ulong most = BlockCount;
        _world.Require(hasRange == (request.BlockCount > 0), "A request has no blocks, or has some and should not.");
        _world.Require(request.FirstBlock + request.BlockCount <= most, "A request leaves the disk.");
        bool hasData = request.Operation is BlockOperation.Read or BlockOperation.Write;
        int expected = hasData ? (int)request.BlockCount * BlockSize : 0;
        _world.Require(request.Data.Length == expected, "A request has too much data or too little.");
        _world.Require(request.Operation == BlockOperation.Deallocate == (request.Ranges.Length > 0), "The ranges of a request are wrong.");
        foreach (BlockRange range in request.Ranges)
        {
            _world.Require(range.BlockCount > 0 && range.FirstBlock + range.BlockCount <= most, "A range leaves the disk or is empty.");
        }
        _world.Require(request.Operation != BlockOperation.Deallocate || _options.SupportsDeallocate, "The disk does not deallocate.");
        _world.Require(request.Operation != BlockOperation.Flush || _options.HasVolatileCache, "The disk has no cache to flush.");
    }
}
