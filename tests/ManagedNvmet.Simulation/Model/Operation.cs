using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Network;

namespace ManagedNvmet.Simulation.Model;

/// <summary>An I/O command of a host in the model.</summary>
internal sealed class Operation
{
    public required OperationKind Kind { get; init; }

    /// <summary>The disk; null for a flush of all disks.</summary>
    public required SimulatedDisk? Disk { get; init; }

    public ulong FirstBlock { get; init; }

    public uint BlockCount { get; init; }

    /// <summary>Ranges of a deallocation; otherwise empty.</summary>
    public BlockRange[] Ranges { get; init; } = [];

    public ulong Version { get; init; }

    /// <summary>True when no crash may undo the operation after its acknowledgement.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Status with which the target must refuse the command.</summary>
    public NvmeStatus Refusal { get; init; }

    public required Link Link { get; init; }

    public long Begin { get; set; }

    /// <summary>Number of crashes before the operation began.</summary>
    public int Crashes { get; set; }

    /// <summary>Possible effects of the operation, one entry per block.</summary>
    public List<(BlockHistory History, BlockEntry Entry)> Entries { get; } = [];
}
