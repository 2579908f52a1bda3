using System.Buffers.Binary;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Simulation.Model;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>Creates the I/O commands of an association.</summary>
internal sealed class OperationMaker(World world, Association association)
{
    private const uint ForceUnitAccess = 1u << 30;
    private const uint DeallocateZeroes = 1u << 25;

    private readonly SeededRandom _random = world.Random;

    /// <summary>A command before it is sent. Its <see cref="Operation"/> is created when its connection is known.</summary>
    internal readonly record struct Draft(
        SubmissionEntry Entry, byte[] Data, OperationKind Kind, SimulatedDisk? Disk, ulong FirstBlock = 0, uint BlockCount = 0,
        BlockRange[]? Ranges = null, ulong Version = 0, bool IsDurable = false, NvmeStatus Refusal = default);

    public SimulatedCommand Send(HostQueue queue, Draft draft)
    {
        var operation = new Operation
        {
            Kind = draft.Kind,
            Disk = draft.Disk,
            FirstBlock = draft.FirstBlock,
            BlockCount = draft.BlockCount,
            Ranges = draft.Ranges ?? [],
            Version = draft.Version,
            IsDurable = draft.IsDurable,
            Refusal = draft.Refusal,
            Link = queue.Link,
        };
        return queue.Send(draft.Entry, draft.Data, operation);
    }

    public Draft Any()
    {
        SimulatedDisk disk = _random.PickFrom(world.Disks);
        uint most = Math.Min((uint)Math.Min(world.Plan.Limits.Connection.MaxTransferBytes / disk.BlockSize, 64), (uint)disk.BlockCount);
        var count = (uint)_random.Skewed(1, (int)most);
        ulong first = (ulong)_random.Below((int)disk.BlockCount - (int)count + 1);
        return _random.Below(100) switch
        {
            < 40 => Write(disk, first, count),
            < 47 => WriteZeroes(disk, first, count),
            < 53 => Deallocate(disk),
            < 58 => Flush(disk),
            < 60 => Flush(null),
            < 64 => Wrong(disk, first, count),
            _ => Read(disk, first, count),
        };
    }

    public Draft Read(SimulatedDisk disk, ulong first, uint count)
    {
        bool isForced = _random.OneIn(10);
        SubmissionEntry entry = Range(0x02, disk.Id, first, count);
        entry.Cdw12 = entry.Cdw12 | (isForced ? ForceUnitAccess : 0);
        return new Draft(entry, new byte[count * disk.BlockSize], OperationKind.Read, disk, first, count, IsDurable: isForced);
    }

    private Draft Write(SimulatedDisk disk, ulong first, uint count)
    {
        bool isForced = _random.OneIn(6);
        SubmissionEntry entry = Range(0x01, disk.Id, first, count);
        entry.Cdw12 = entry.Cdw12 | (isForced ? ForceUnitAccess : 0);
        ulong version = world.NextVersion();
        var data = new byte[count * disk.BlockSize];
        for (uint index = 0; index < count; index++)
            BlockPattern.Fill(data.AsSpan((int)index * disk.BlockSize, disk.BlockSize), version, disk.Id, first + index);
        bool isDurable = isForced || association.WritesAreDurable;
        return new Draft(entry, data, OperationKind.Write, disk, first, count, Version: version, IsDurable: isDurable);
    }

    private Draft WriteZeroes(SimulatedDisk disk, ulong first, uint count)
    {
        bool isForced = _random.OneIn(6);
        SubmissionEntry entry = Range(0x08, disk.Id, first, count);
        entry.Cdw12 = entry.Cdw12 | (isForced ? ForceUnitAccess : 0) | (_random.Chance(50) ? DeallocateZeroes : 0);
        return new Draft(entry, [], OperationKind.WriteZeroes, disk, first, count, IsDurable: isForced || association.WritesAreDurable);
    }

    private Draft Deallocate(SimulatedDisk disk)
    {
        var ranges = new BlockRange[_random.Between(1, 4)];
        var data = new byte[_random.Chance(50) ? 4096 : ranges.Length * 16];
        for (int index = 0; index < ranges.Length; index++)
        {
            int first = _random.Below((int)disk.BlockCount);
            int count = _random.Between(0, (int)disk.BlockCount - first);
            ranges[index] = new BlockRange((ulong)first, (ulong)count);
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan((index * 16) + 4), count);
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan((index * 16) + 8), first);
        }
        var entry = new SubmissionEntry { Opcode = 0x09, NamespaceId = disk.Id, Cdw10 = (uint)ranges.Length - 1, Cdw11 = 4 };
        ulong version = disk.DeallocatedReadsZero ? BlockPattern.Zero : BlockPattern.Ones;
        return new Draft(entry, data, OperationKind.Deallocate, disk, Ranges: ranges, Version: version);
    }

    private static Draft Flush(SimulatedDisk? disk) =>
        new(new SubmissionEntry { Opcode = 0x00, NamespaceId = disk?.Id ?? 0xFFFF_FFFF }, [], OperationKind.Flush, disk);

    /// <summary>Creates an invalid command, with or without data, which the target must refuse.</summary>
    private Draft Wrong(SimulatedDisk disk, ulong first, uint count)
    {
        bool isWrite = _random.Chance(50);
        OperationKind kind = isWrite ? OperationKind.Write : OperationKind.Read;
        byte opcode = isWrite ? (byte)0x01 : (byte)0x02;
        var data = new byte[count * disk.BlockSize];
        switch (_random.Below(4))
        {
            case 0:
                return new Draft(Range(opcode, 99, first, count), data, kind, disk, Refusal: NvmeStatus.InvalidNamespace);
            case 1:
                ulong beyond = _random.Pick((ulong)disk.MaxBlockCount, (ulong)disk.MaxBlockCount - 1 + count, ulong.MaxValue);
                return new Draft(Range(opcode, disk.Id, beyond, count), data, kind, disk, Refusal: NvmeStatus.LbaOutOfRange);
            case 2:
                data = new byte[data.Length / 2];
                return new Draft(Range(opcode, disk.Id, first, count), data, kind, disk, Refusal: NvmeStatus.DataSglLengthInvalid);
            default:
                return new Draft(Range((byte)(0xC0 | opcode), disk.Id, first, count), data, kind, disk, Refusal: NvmeStatus.InvalidOpcode);
        }
    }

    private static SubmissionEntry Range(byte opcode, uint namespaceId, ulong first, uint count) => new()
    {
        Opcode = opcode,
        NamespaceId = namespaceId,
        Cdw10And11 = first,
        Cdw12 = count - 1,
    };
}
