using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Disks;

/// <summary>A request that a disk works on.</summary>
internal sealed class PendingRequest(BlockRequest request, SimulatedThread? thread, ControllerConnection? connection)
{
    private readonly (BlockOperation, ulong, uint, int) _before = Describe(request);

    public BlockRequest Request { get; } = request;

    public SimulatedThread? Thread { get; } = thread;

    public ControllerConnection? Connection { get; } = connection;

    public bool IsPerformed { get; set; }

    public bool IsDropped { get; set; }

    public NvmeStatus Status { get; set; }

    public bool IsUnchanged => Describe(Request) == _before;

    private static (BlockOperation, ulong, uint, int) Describe(BlockRequest request) =>
        (request.Operation, request.FirstBlock, request.BlockCount, request.Data.Length);
}
