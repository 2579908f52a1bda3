using System.Diagnostics;
using ManagedNvmet.Initiator;
using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.LoadGenerator;

/// <summary>The load of one queue: a closed loop, where each command is submitted again when it ends, or an open one, where commands start when
/// they are due. Runs on the queue's shard and allocates nothing per command.</summary>
public sealed class LoadQueue
{
    private const byte ReadOpcode = 0x02;
    private const byte WriteOpcode = 0x01;

    private readonly InitiatorQueue queue;
    private readonly LoadOptions options;
    private readonly LoadCommand[] commands;
    private readonly Stack<LoadCommand> idle;
    private readonly long slots;
    private readonly int blocksOfSlot;
    private readonly LoadShared shared;
    private TaskCompletionSource drained = NewSignal();
    private RandomNumbers random;
    private OpenLoopSchedule? schedule;
    private PrecisionTimer? timer;
    private long nextSlot;
    private long stopAt = long.MaxValue;
    private long recordFrom = long.MaxValue;
    private long recordTo = long.MaxValue;
    private bool isRecording;
    private bool isReadingBack;

    /// <summary>Makes the commands; nothing runs before <see cref="Start"/>.</summary>
    /// <param name="queue">The queue, of which this load uses <see cref="LoadOptions.Depth"/> commands.</param>
    /// <param name="options">What to do.</param>
    /// <param name="seed">Seed of the addresses.</param>
    /// <param name="shared">What it shares with other queues of its shard; by default it has all of that for itself.</param>
    public LoadQueue(InitiatorQueue queue, LoadOptions options, int seed, LoadShared? shared = null)
    {
        this.queue = queue;
        this.options = options;
        random = new RandomNumbers((ulong)seed);
        blocksOfSlot = options.TransferBytes / options.BlockSize;
        slots = (long)Math.Min(options.BlockCount / (ulong)blocksOfSlot, long.MaxValue);
        Ledger = options.Verify ? new WriteLedger(options, slots) : null;

        this.shared = shared ?? new LoadShared(options.TransferBytes, seed);
        commands = new LoadCommand[options.Depth];
        idle = new Stack<LoadCommand>(options.Depth);
        for (int index = 0; index < commands.Length; index++)
        {
            commands[index] = new LoadCommand(this);
            if (options.Verify)
                commands[index].Data = InitiatorController.AllocatePinned(options.TransferBytes);
            idle.Push(commands[index]);
        }
    }

    /// <summary>Commands that ended well while recording. From any thread.</summary>
    public long Completed { get; private set; }

    /// <summary>Commands that failed. From any thread.</summary>
    public long Failed { get; private set; }

    /// <summary>The first failure in words, or null. From any thread.</summary>
    public string? FirstFailure { get; private set; }

    /// <summary>The connection ended under the load. From any thread.</summary>
    public bool IsLost { get; private set; }

    /// <summary>What was written and checked, with --verify. To be read when the load has stopped.</summary>
    public WriteLedger? Ledger { get; }

    /// <summary>Submits the first commands.</summary>
    public void Start() => queue.Context.Shard.Post(static state => ((LoadQueue)state!).Begin(), this);

    /// <summary>Begins or ends counting.</summary>
    public void Record(bool isOn) => queue.Context.Shard.Post(
        _ =>
        {
            isRecording = isOn;
            long now = Stopwatch.GetTimestamp();
            (recordFrom, recordTo) = isOn ? (now, long.MaxValue) : (recordFrom, now);
        },
        null);

    /// <summary>Starts no more, and ends when those in flight have ended. In an open loop, those that are overdue by now are still run: a stall
    /// at the end counts like any other.</summary>
    public Task StopAsync()
    {
        queue.Context.Shard.Post(static state =>
        {
            var load = (LoadQueue)state!;
            load.stopAt = Stopwatch.GetTimestamp();
            load.SubmitIdle(load.stopAt);
        }, this);
        return drained.Task;
    }

    /// <summary>After <see cref="StopAsync"/>: reads everything that was written once more and checks it.</summary>
    public Task ReadBackAsync()
    {
        drained = NewSignal();
        queue.Context.Shard.Post(static state =>
        {
            var load = (LoadQueue)state!;
            load.isReadingBack = true;
            load.nextSlot = 0;
            load.SubmitIdle(Stopwatch.GetTimestamp());
        }, this);
        return drained.Task;
    }

    /// <summary>Leaves the rest unread; what is in flight comes to its end.</summary>
    public void EndReadBack() => queue.Context.Shard.Post(static state => ((LoadQueue)state!).nextSlot = long.MaxValue, this);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Begin()
    {
        long now = Stopwatch.GetTimestamp();
        if (options.Rate is { } rate)
        {
            schedule = new OpenLoopSchedule(rate, now);
            timer = new PrecisionTimer(queue.Context.Shard, () => SubmitIdle(Stopwatch.GetTimestamp()));
        }
        SubmitIdle(now);
    }

    /// <summary>Submits what may be submitted now; looks whether all is over; in an open loop, sets the alarm for the next command.</summary>
    private void SubmitIdle(long now)
    {
        while (idle.Count > 0 && TryBeginNext(now, out long start, out bool isRead, out long slot))
        {
            LoadCommand command = idle.Pop();
            command.Begin(start, isRead, slot, start >= recordFrom && start < recordTo);

            // Nobody looks at the data without --verify: all reads land in one place, and all writes go out from one, which stay in the cache.
            if (Ledger is null)
                command.Data = isRead ? shared.ReadScratch : shared.WriteScratch;
            else if (!isRead)
                Ledger.Mark(slot, command.Data.Span);
            ulong address = options.FirstBlock + ((ulong)slot * (ulong)blocksOfSlot);
            command.Entry = InitiatorController.NvmCommand(isRead ? ReadOpcode : WriteOpcode, options.NamespaceId, address, blocksOfSlot);
            if (queue.Connection.TrySubmit(command))
                continue;
            IsLost = true;
            idle.Push(command);
        }
        if (idle.Count == commands.Length && IsOver)
        {
            timer?.Close();
            timer = null;
            drained.TrySetResult();
        }
        else if (idle.Count > 0 && schedule is not null)
        {
            timer?.Arm(schedule.NextDue);
        }
    }

    private bool IsOver => IsLost || (isReadingBack ? Ledger!.NextWritten(nextSlot) < 0 : stopAt != long.MaxValue);

    private bool TryBeginNext(long now, out long start, out bool isRead, out long slot)
    {
        (start, isRead, slot) = (now, true, 0);
        if (IsLost)
            return false;
        if (isReadingBack)
        {
            slot = Ledger!.NextWritten(nextSlot);
            nextSlot = slot < 0 ? long.MaxValue : slot + 1;
            return slot >= 0 && Ledger.Claim(slot, isRead: true) == slot;
        }
        if (schedule is null ? stopAt != long.MaxValue : !schedule.TryTake(now, stopAt, out start))
            return false;
        isRead = options.ReadPercent == 100 || (options.ReadPercent > 0 && (int)random.Below(100) < options.ReadPercent);
        slot = options.IsSequential ? nextSlot : (long)random.Below((ulong)slots);
        nextSlot = slot + 1 == slots ? 0 : slot + 1;
        if (Ledger is not null)
            slot = Ledger.Claim(slot, isRead);
        return true;
    }

    private void OnCompleted(LoadCommand command)
    {
        long now = Stopwatch.GetTimestamp();
        bool isGood = command.Status.IsSuccess;
        if (!isGood)
            Fail(command);
        else if (isRecording)
            Completed++;

        // A closed loop counts what ends in the time that is measured. An open one counts what was due in it, whenever that ends.
        if (isGood && (schedule is null ? isRecording : command.IsMeasured))
            (command.IsRead ? shared.ReadLatencies : shared.WriteLatencies).RecordValue(LatencySummary.ToHistogram(now - command.StartedAt));
        if (Ledger is not null)
        {
            if (command.IsRead)
                Ledger.EndRead(command.ClaimedSlot, command.Data.Span, isGood);
            else
                Ledger.EndWrite(command.ClaimedSlot, isGood);
        }
        idle.Push(command);
        SubmitIdle(now);
    }

    private void Fail(LoadCommand command)
    {
        Failed++;

        // The command has given its place back, so there is room, unless the connection is over.
        IsLost |= !queue.Connection.CanSubmit;
        FirstFailure ??= $"{(command.IsRead ? "Read" : "Write")} of {blocksOfSlot} blocks from {(ulong)command.Entry.Cdw10And11}: status {command.Status}";
    }

    private sealed class LoadCommand(LoadQueue owner) : HostCommand
    {
        public long StartedAt { get; private set; }

        public bool IsRead { get; private set; }

        public bool IsMeasured { get; private set; }

        public long ClaimedSlot { get; private set; }

        public void Begin(long start, bool isRead, long slot, bool isMeasured) =>
            (StartedAt, IsRead, ClaimedSlot, IsMeasured) = (start, isRead, slot, isMeasured);

        protected override void OnCompleted() => owner.OnCompleted(this);
    }
}
