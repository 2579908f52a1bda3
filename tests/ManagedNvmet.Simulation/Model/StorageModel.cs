using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Simulation.Network;

namespace ManagedNvmet.Simulation.Model;

/// <summary>The possible contents of the disks, derived only from the commands that hosts sent and the responses that they got.</summary>
internal sealed class StorageModel(World world)
{
    private readonly Dictionary<SimulatedDisk, BlockHistory[]> _disks = [];
    private readonly SortedSet<long> _activeReads = [];
    private readonly List<Operation> _lost = [];
    private long _moment;
    private int _crashes;

    public long Reads { get; private set; }

    public long Writes { get; private set; }

    public void Add(SimulatedDisk disk)
    {
        var blocks = new BlockHistory[disk.MaxBlockCount];
        for (int block = 0; block < blocks.Length; block++)
            blocks[block] = new BlockHistory(disk.HasVolatileCache);
        _disks.Add(disk, blocks);
    }

    /// <summary>Returns the next model time.</summary>
    public long Tick() => ++_moment;

    /// <summary>Records that a host sends a command.</summary>
    public void Begin(Operation operation)
    {
        operation.Begin = Tick();
        operation.Crashes = _crashes;
        world.Trace.Add("moment {0}: operation {1} of disk {2} begins, version {3}", operation.Begin, (long)operation.Kind,
            operation.Disk?.Id ?? 0, (long)operation.Version);
        if (!operation.Refusal.IsSuccess)
            return;
        switch (operation.Kind)
        {
            case OperationKind.Read:
                _activeReads.Add(operation.Begin);
                break;
            case OperationKind.Write or OperationKind.WriteZeroes:
                BeginWrite(operation, operation.FirstBlock, operation.BlockCount);
                break;
            case OperationKind.Deallocate:
                foreach (BlockRange range in operation.Ranges)
                    BeginWrite(operation, range.FirstBlock, range.BlockCount);
                break;
            default:
                break;
        }
    }

    /// <summary>Records that the connection closed before the response. The command may take effect until the target has finished with
    /// it.</summary>
    public void Lose(Operation operation)
    {
        _activeReads.Remove(operation.Begin);
        if (operation.Entries.Count == 0)
            return;
        _lost.Add(operation);
        Settle();
        if (_lost.Contains(operation))
            world.Note(Situation.WriteOutlivedItsConnection);
    }

    /// <summary>Records that the target refused the command without executing it.</summary>
    public void Refuse(Operation operation)
    {
        _activeReads.Remove(operation.Begin);
        foreach ((BlockHistory history, BlockEntry entry) in operation.Entries)
        {
            world.Require(history.Withdraw(entry), $"The data of write {operation.Version} was read, and then the write was refused.");
        }
    }

    /// <summary>Records that the disk failed the command.</summary>
    public void Fail(Operation operation)
    {
        _activeReads.Remove(operation.Begin);
        long now = Tick();
        foreach ((_, BlockEntry entry) in operation.Entries)
            BlockHistory.Settle(entry, now);
    }

    /// <summary>Records that the command succeeded, and checks the data of a read.</summary>
    public void Succeed(Operation operation, ReadOnlySpan<byte> data)
    {
        long now = Tick();
        _activeReads.Remove(operation.Begin);
        world.Trace.Add("moment {0}: the operation of moment {1} succeeds, durable: {2}", now, operation.Begin,
            operation.IsDurable ? 1 : 0);
        bool isFromBeforeCrash = operation.Crashes != _crashes;
        switch (operation.Kind)
        {
            case OperationKind.Read:
                Reads++;
                CheckRead(operation, data, now, isFromBeforeCrash);
                break;
            case OperationKind.Write or OperationKind.WriteZeroes:
                Writes++;

                // A response that was in transit during a crash is valid only as far as it promises durability.
                foreach ((BlockHistory history, BlockEntry entry) in operation.Entries)
                {
                    if (isFromBeforeCrash && !operation.IsDurable)
                        BlockHistory.Settle(entry, now);
                    else
                        history.Acknowledge(entry, now, operation.IsDurable);
                }
                break;
            case OperationKind.Deallocate:
                // Deallocate is a hint, so that the disk may also do nothing.
                foreach ((_, BlockEntry entry) in operation.Entries)
                    BlockHistory.Settle(entry, now);
                break;
            case OperationKind.Flush when !isFromBeforeCrash:
                Flushed(operation.Disk, operation.Begin);
                break;
            default:
                break;
        }
    }

    /// <summary>Records that all operations acknowledged before <paramref name="begin"/> are durable, on one disk or on all.</summary>
    public void Flushed(SimulatedDisk? flushed, long begin)
    {
        foreach ((SimulatedDisk disk, BlockHistory[] blocks) in _disks)
        {
            // A flush of all disks includes the disks that were attached and visible all the time.
            if (flushed is null ? !disk.IsAttached || disk.ChangedAt > begin || disk.WasHiddenSince(begin) : disk != flushed)
                continue;
            foreach (BlockHistory block in blocks)
                block.Flushed(begin);
        }
    }

    /// <summary>Records a crash of the machine.</summary>
    public void Crash()
    {
        _crashes++;
        long now = Tick();
        foreach (BlockHistory[] blocks in _disks.Values)
        {
            foreach (BlockHistory block in blocks)
                block.Crash(now);
        }
        _lost.Clear();
    }

    /// <summary>Checks which commands of closed connections the target has finished with.</summary>
    public void Settle()
    {
        for (int index = _lost.Count - 1; index >= 0; index--)
        {
            Operation operation = _lost[index];
            if (!world.IsDoneWith(operation.Link))
                continue;
            _lost.RemoveAt(index);
            long now = Tick();
            foreach ((_, BlockEntry entry) in operation.Entries)
                BlockHistory.Settle(entry, now);
        }
    }

    /// <summary>Returns true when no command of this connection can take effect any more.</summary>
    public bool IsSettled(Link link) => !_lost.Exists(operation => operation.Link == link);

    private void BeginWrite(Operation operation, ulong firstBlock, ulong blockCount)
    {
        BlockHistory[] blocks = _disks[operation.Disk!];
        long oldestRead = _activeReads.Count > 0 ? _activeReads.Min : _moment;
        for (ulong block = firstBlock; block < firstBlock + blockCount; block++)
        {
            BlockHistory history = blocks[block];
            history.Prune(oldestRead);
            operation.Entries.Add((history, history.BeginWrite(operation.Version, operation.Begin)));
        }
    }

    private void CheckRead(Operation operation, ReadOnlySpan<byte> data, long now, bool isFromBeforeCrash)
    {
        SimulatedDisk disk = operation.Disk!;
        for (uint index = 0; index < operation.BlockCount; index++)
        {
            ulong block = operation.FirstBlock + index;
            ReadOnlySpan<byte> bytes = data.Slice((int)index * disk.BlockSize, disk.BlockSize);
            world.Require(BlockPattern.TryRead(bytes, disk.Id, block, out ulong version),
                $"Block {block} of disk {disk.Id} was read, and is not what any write has made of it (begins with {version:X}).");
            if (isFromBeforeCrash)
                continue;
            BlockHistory history = _disks[disk][block];
            if (!history.Read(version, operation.Begin, now, operation.IsDurable))
            {
                throw new SimulationFailure(
                    $"Block {block} of disk {disk.Id} was read from moment {operation.Begin} to {now} as {version}, and may be: {history}");
            }
        }
    }
}
