using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Queues;

namespace ManagedNvmet.Target.Controllers;

/// <summary>A shutdown of a controller (Base Specification, "Controller Shutdown"): ends the commands of its I/O queues, then flushes every
/// device that may hold completed writes in a volatile cache.</summary>
/// <remarks>CSTS.SHST reports completion after both steps, when no command of the controller can change the medium any more.</remarks>
internal sealed class ControllerShutdown
{
    private static readonly Action<object?> FlushPosted = static state => ((ControllerShutdown)state!).Flush();

    private readonly Controller _controller;
    private readonly List<FlushRequest> _requests = [];
    private readonly List<CommandDrain> _drains = [];
    private readonly Countdown _flushes;

    public ControllerShutdown(Controller controller, NamespaceList namespaces)
    {
        _controller = controller;
        _flushes = new Countdown(OnFlushed);
        foreach (Namespace each in namespaces.All)
        {
            if (each.Properties.HasVolatileCache && !each.Properties.IsReadOnly)
                _requests.Add(new FlushRequest(this, each.Device));
        }
    }

    /// <summary>Makes the removal of a namespace wait for the flush of its device, if the shutdown flushes it. The caller holds the
    /// subsystem's lock.</summary>
    public void AddDrain(CommandDrain drain, BlockDevice device)
    {
        if (!_requests.Exists(request => request.Device == device))
            return;
        drain.Add();
        _drains.Add(drain);
    }

    /// <summary>Ends the commands of these queues, then flushes. On the thread of the admin queue.</summary>
    public void Start(IReadOnlyCollection<QueuePair> ioQueues)
    {
        var commands = new Countdown(OnCommandsEnded);
        var drain = CommandDrain.OfShutdown(commands);
        foreach (QueuePair queue in ioQueues)
            queue.PostDrain(drain);
        commands.Acknowledge();
    }

    private void OnCommandsEnded() => _controller.RunOnAdminThread(FlushPosted, this);

    private void Flush()
    {
        foreach (FlushRequest request in _requests)
        {
            _flushes.Add();
            request.Start();
        }
        _flushes.Acknowledge();
    }

    private void OnFlushed()
    {
        // Removes the shutdown from the subsystem's list first, so that no drain is added afterwards.
        _controller.Subsystem.OnShutdownFlushed(this);
        foreach (CommandDrain drain in _drains)
            drain.Acknowledge();
        _controller.OnShutdownFlushed(this);
    }

    private sealed class FlushRequest : BlockRequest
    {
        private readonly ControllerShutdown _owner;
        private int _isCompleted;

        public FlushRequest(ControllerShutdown owner, BlockDevice device)
        {
            _owner = owner;
            Device = device;
            Operation = BlockOperation.Flush;
        }

        public BlockDevice Device { get; }

        public override ReadOnlySpan<BlockRange> Ranges => default;

        public void Start()
        {
            try
            {
                Device.Submit(this);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Complete(NvmeStatus.InternalError);
            }
        }

        public override void Complete(NvmeStatus status)
        {
            if (Interlocked.Exchange(ref _isCompleted, 1) != 0)
                return;
            if (!status.IsSuccess)
                _owner._controller.ReportFlushFailure(status);
            _owner._flushes.Acknowledge();
        }
    }
}
