using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Disks;

/// <summary>An outstanding request of a disk.</summary>
internal sealed class PendingRequest(BlockRequest request, SimulatedThread? thread, IConnectionScheduler? scheduler)
{
    private readonly (BlockOperation, ulong, uint, int) _before = Describe(request);

    public BlockRequest Request { get; } = request;

    public SimulatedThread? Thread { get; } = thread;

    /// <summary>The transport of the command's connection.</summary>
    public IConnectionScheduler? Scheduler { get; } = scheduler;

    public bool IsPerformed { get; set; }

    public bool IsDropped { get; set; }

    public NvmeStatus Status { get; set; }

    public bool IsUnchanged => Describe(Request) == _before;

    private static (BlockOperation, ulong, uint, int) Describe(BlockRequest request) =>
        (request.Operation, request.FirstBlock, request.BlockCount, request.Data.Length);
}
