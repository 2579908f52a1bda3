namespace ManagedNvmet.Target;

/// <summary>The flushes that a controller shutdown waits for: one for each device that may hold completed writes in a cache.</summary>
internal sealed class ShutdownFlush
{
    private readonly Controller controller;
    private readonly List<FlushRequest> requests = [];
    private readonly List<NamespaceDrain> drains = [];

    // One for Start itself, so that devices which complete at once do not end it early.
    private int outstanding = 1;

    public ShutdownFlush(Controller controller, NamespaceList namespaces)
    {
        this.controller = controller;
        foreach (Namespace each in namespaces.All)
        {
            if (each.Properties.HasVolatileCache && !each.Properties.IsReadOnly)
                requests.Add(new FlushRequest(this, each.Device));
        }
    }

    /// <summary>Makes a drain wait for the flush of its device, if there is one. Under the subsystem's lock.</summary>
    public void AddDrain(NamespaceDrain drain)
    {
        foreach (FlushRequest request in requests)
        {
            if (request.Device != drain.Device)
                continue;
            drain.Add();
            drains.Add(drain);
            return;
        }
    }

    /// <summary>Submits the flushes. On the thread of the admin queue.</summary>
    public void Start()
    {
        outstanding += requests.Count;
        foreach (FlushRequest request in requests)
            request.Start();
        Done();
    }

    private void Done()
    {
        if (Interlocked.Decrement(ref outstanding) != 0)
            return;

        // Off the list first: from then on nobody adds a drain.
        controller.Subsystem.FlushDone(this);
        foreach (NamespaceDrain drain in drains)
            drain.Acknowledge();
        controller.OnShutdownFlushed(this);
    }

    private sealed class FlushRequest : BlockRequest
    {
        private readonly ShutdownFlush owner;
        private int isCompleted;

        public FlushRequest(ShutdownFlush owner, BlockDevice device)
        {
            this.owner = owner;
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
                owner.controller.ReportFlushFailure(NvmeStatus.InternalError);
                Complete(NvmeStatus.Success);
            }
        }

        public override void Complete(NvmeStatus status)
        {
            if (Interlocked.Exchange(ref isCompleted, 1) != 0)
                return;
            if (!status.IsSuccess)
                owner.controller.ReportFlushFailure(status);
            owner.Done();
        }
    }
}
