using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Subsystems;

/// <summary>The flushes that a controller shutdown waits for: one for each device that may hold completed writes in a cache.</summary>
internal sealed class ShutdownFlush
{
    private readonly Controller _controller;
    private readonly List<FlushRequest> _requests = [];
    private readonly List<NamespaceDrain> _drains = [];

    // One for Start itself, so that devices which complete at once do not end it early.
    private int _outstanding = 1;

    public ShutdownFlush(Controller controller, NamespaceList namespaces)
    {
        _controller = controller;
        foreach (Namespace each in namespaces.All)
        {
            if (each.Properties.HasVolatileCache && !each.Properties.IsReadOnly)
                _requests.Add(new FlushRequest(this, each.Device));
        }
    }

    /// <summary>Makes a drain wait for the flush of its device, if there is one. Under the subsystem's lock.</summary>
    public void AddDrain(NamespaceDrain drain)
    {
        foreach (FlushRequest request in _requests)
        {
            if (request.Device != drain.Device)
                continue;
            drain.Add();
            _drains.Add(drain);
            return;
        }
    }

    /// <summary>Submits the flushes. On the thread of the admin queue.</summary>
    public void Start()
    {
        _outstanding += _requests.Count;
        foreach (FlushRequest request in _requests)
            request.Start();
        Done();
    }

    private void Done()
    {
        if (Interlocked.Decrement(ref _outstanding) != 0)
            return;

        // Off the list first: from then on nobody adds a drain.
        _controller.Subsystem.FlushDone(this);
        foreach (NamespaceDrain drain in _drains)
            drain.Acknowledge();
        _controller.OnShutdownFlushed(this);
    }

    private sealed class FlushRequest : BlockRequest
    {
        private readonly ShutdownFlush _owner;
        private int _isCompleted;

        public FlushRequest(ShutdownFlush owner, BlockDevice device)
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
                _owner._controller.ReportFlushFailure(NvmeStatus.InternalError);
                Complete(NvmeStatus.Success);
            }
        }

        public override void Complete(NvmeStatus status)
        {
            if (Interlocked.Exchange(ref _isCompleted, 1) != 0)
                return;
            if (!status.IsSuccess)
                _owner._controller.ReportFlushFailure(status);
            _owner.Done();
        }
    }
}
