namespace ManagedNvmet.Io.Disks;

/// <summary>Disk operations by blocking system calls on worker threads: for where io_uring is not allowed.</summary>
internal sealed class WorkerDiskQueue(DiskWorkers workers) : DiskQueue
{
    /// <inheritdoc/>
    public override DiskEngine Engine => DiskEngine.Workers;

    // The workers take operations as they come and post the outcomes, so a round has nothing to do here.

    /// <inheritdoc/>
    public override void SubmitPending()
    {
    }

    /// <inheritdoc/>
    public override void Reap()
    {
    }

    internal override bool HasWork => false;

    internal override bool TryBeginSleep() => true;

    internal override void EndSleep()
    {
    }

    internal override void Close()
    {
    }

    private protected override void Begin(DiskOperation operation) => workers.Run(operation);
}
