using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Target.Queues;

public sealed partial class QueuePair
{
    // Made when a command has to wait for the first time: most queues never have a limit.
    private ThrottleLine? _throttled;
    private long _throttleDeadline = long.MaxValue;

    /// <summary>Lets a command of a namespace with limits go, or makes it wait. One that waits holds no buffer, unless its data came with it
    /// in the capsule.</summary>
    private bool TryPass(CommandContext context)
    {
        _throttled ??= new ThrottleLine();
        long now = Connection.Scheduler.Now;
        if (_throttled.TryPass(context, now))
        {
            context.Throttles = null;
            return true;
        }
        if (_throttleDeadline == long.MaxValue)
        {
            _throttleDeadline = _throttled.NextTurn(now);
            Connection.DeadlineChanged();
        }
        return false;
    }

    private void TakeThrottleTurn(long now)
    {
        _throttleDeadline = long.MaxValue;
        ThrottleLine line = _throttled!;
        line.BeginTurn(now);
        int position = 0;
        while (line.TakeNext(ref position) is { } context)
        {
            // A queue that is stopping has these among what has begun.
            context.Throttles = null;
            if (context.Slot.HasInCapsuleData)
                Execute(context, context.Command!);
            else
                Accept(context);
        }
        _throttleDeadline = line.NextTurn(now);
        if (_hasRareWork)
            AfterFinish();
    }

    // A command that may have to wait cannot leave its data in the block that it was received into.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accept(CommandContext context) =>
        context.Slot.Accept(context.Throttles is null ? context.DataPlacement : DataPlacement.Buffered);

    private bool TryEndThrottled(CommandContext context, NvmeStatus status)
    {
        if (_throttled is null || !_throttled.TryRemove(context))
            return false;
        context.Throttles = null;
        Finish(context, status, 0);
        return true;
    }

    private void EndThrottled(Func<CommandContext, bool> concerns, NvmeStatus status)
    {
        if (_throttled is not { Count: > 0 })
            return;
        foreach (CommandContext context in _contexts)
        {
            if (context.Throttles is not null && concerns(context))
                TryEndThrottled(context, status);
        }
    }
}
