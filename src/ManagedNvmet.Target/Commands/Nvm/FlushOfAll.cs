using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>A Flush of every namespace, one after the other. Made for each such command: no host sends them often.</summary>
/// <remarks>Belongs to the queue's thread, but for <see cref="Complete"/>.</remarks>
internal sealed class FlushOfAll : BlockRequest
{
    private static readonly Action<object?> CompletePosted = static state => ((FlushOfAll)state!).Advance();

    private readonly CommandContext _context;
    private NvmeStatus _result = NvmeStatus.Success;
    private NvmeStatus _last;
    private uint _reached;
    private bool _isSubmitting;
    private bool _isCompletedInside;

    public FlushOfAll(CommandContext context)
    {
        _context = context;
        Operation = BlockOperation.Flush;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<BlockRange> Ranges => default;

    /// <summary>Begins with the first namespace.</summary>
    public void Start() => SubmitNext();

    /// <inheritdoc/>
    public override void Complete(NvmeStatus status)
    {
        _last = status;
        IConnectionScheduler scheduler = _context.Slot.Scheduler;
        if (scheduler.IsCurrentThread)
            Advance();
        else
            scheduler.Post(CompletePosted, this);
    }

    private void Advance()
    {
        // A device that fails does not keep the others from being flushed; the host hears of the first failure.
        if (_result.IsSuccess)
            _result = _last;
        if (_isSubmitting)
            _isCompletedInside = true;
        else
            SubmitNext();
    }

    // A loop rather than a recursion: a device may complete inside Submit, and there may be a thousand of them.
    private void SubmitNext()
    {
        do
        {
            if (FindNext() is not { } target)
            {
                _context.Finish(_result);
                return;
            }
            _reached = target.Id;

            // A namespace that is removed meanwhile waits for whoever says that it uses it.
            _context.Namespace = target;
            _isCompletedInside = false;
            _isSubmitting = true;
            Submit(target);
            _isSubmitting = false;
        }
        while (_isCompletedInside);
    }

    private void Submit(Namespace target)
    {
        try
        {
            target.Device.Submit(this);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A device of somebody else's may throw; it costs that one flush.
            _context.ReportDeviceFailure(exception);
            Complete(NvmeStatus.InternalError);
        }
    }

    private Namespace? FindNext()
    {
        foreach (AttachedNamespace each in _context.Controller!.View.All)
        {
            if (each.Namespace.Id > _reached && each.Namespace.Properties.HasVolatileCache && each.PathStatus.IsSuccess)
                return each.Namespace;
        }
        return null;
    }
}
