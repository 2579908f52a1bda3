using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Network;

namespace ManagedNvmet.Simulation.Model;

/// <summary>A command of a host that reads or changes a disk, as the model sees it.</summary>
internal sealed class Operation
{
    public required OperationKind Kind { get; init; }

    /// <summary>Null for a flush of all disks.</summary>
    public required SimulatedDisk? Disk { get; init; }

    public ulong FirstBlock { get; init; }

    public uint BlockCount { get; init; }

    /// <summary>Of a deallocation; otherwise empty.</summary>
    public BlockRange[] Ranges { get; init; } = [];

    public ulong Version { get; init; }

    /// <summary>Once it is acknowledged, no crash may undo it.</summary>
    public bool IsDurable { get; init; }

    /// <summary>The target has to refuse it with this.</summary>
    public NvmeStatus Refusal { get; init; }

    public required Link Link { get; init; }

    public long Begin { get; set; }

    /// <summary>Crashes before it began.</summary>
    public int Crashes { get; set; }

    /// <summary>What it may have left, block by block.</summary>
    public List<(BlockHistory History, BlockEntry Entry)> Entries { get; } = [];
}
