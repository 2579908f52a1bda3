using System.Diagnostics;
using HdrHistogram;
using ManagedNvmet.Initiator;
using ManagedNvmet.Protocol.Host;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.LoadGenerator;

/// <summary>The load of one queue. In a closed loop, each completion starts the next command. In an open loop, commands start at their
/// scheduled times.</summary>
/// <remarks>It runs on the queue's shard and allocates nothing per command. Public members may be used from any thread.</remarks>
public sealed class LoadQueue
{

    private readonly InitiatorQueue _queue;
    private readonly LoadOptions _options;
    private readonly LoadCommand[] _commands;
    private readonly Stack<LoadCommand> _idle;
    private readonly long _slots;
    private readonly int _blocksOfSlot;
    private readonly LoadShared _shared;
    private TaskCompletionSource _drained = NewSignal();
    private RandomNumbers _random;
    private OpenLoopSchedule? _schedule;
    private PrecisionTimer? _timer;
    private long _nextSlot;
    private long _stopAt = long.MaxValue;
    private long _recordFrom = long.MaxValue;
    private long _recordTo = long.MaxValue;
    private bool _isRecording;
    private bool _isReadingBack;

    /// <summary>Allocates the commands. The load begins with <see cref="Start"/>.</summary>
    /// <param name="queue">The queue. Its depth must be at least <see cref="LoadOptions.Depth"/>.</param>
    /// <param name="options">The options.</param>
    /// <param name="seed">Seed of the random addresses.</param>
    /// <param name="shared">Buffers and histograms that all queues of the shard share; null to create them for this queue alone.</param>
    public LoadQueue(InitiatorQueue queue, LoadOptions options, int seed, LoadShared? shared = null)
    {
        _queue = queue;
        _options = options;
        _random = new RandomNumbers((ulong)seed);
        _blocksOfSlot = options.TransferBytes / options.BlockSize;
        _slots = (long)Math.Min(options.BlockCount / (ulong)_blocksOfSlot, long.MaxValue);
        Ledger = options.Verify ? new WriteLedger(options, _slots) : null;

        _shared = shared ?? new LoadShared(options.TransferBytes, seed);
        _commands = new LoadCommand[options.Depth];
        _idle = new Stack<LoadCommand>(options.Depth);
        for (int index = 0; index < _commands.Length; index++)
        {
            _commands[index] = new LoadCommand(this);
            if (options.Verify)
                _commands[index].Data = InitiatorController.AllocatePinned(options.TransferBytes);
            _idle.Push(_commands[index]);
        }
    }

    /// <summary>Number of commands that succeeded while recording was on.</summary>
    public long Completed { get; private set; }

    /// <summary>Number of failed commands.</summary>
    public long Failed { get; private set; }

    /// <summary>Description of the first failed command; null when none failed.</summary>
    public string? FirstFailure { get; private set; }

    /// <summary>True when the connection closed during the load.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Written and checked blocks; null without --verify. Read it after the load has stopped.</summary>
    public WriteLedger? Ledger { get; }

    /// <summary>Submits the first commands.</summary>
    public void Start() => _queue.Context.Shard.Post(static state => ((LoadQueue)state!).Begin(), this);

    /// <summary>Switches the recording of counts and latencies on or off.</summary>
    public void Record(bool isOn) => _queue.Context.Shard.Post(
        _ =>
        {
            _isRecording = isOn;
            long now = Stopwatch.GetTimestamp();
            (_recordFrom, _recordTo) = isOn ? (now, long.MaxValue) : (_recordFrom, now);
        },
        null);

    /// <summary>Stops starting commands. The task completes when the outstanding commands have completed. An open loop still runs the
    /// commands that are overdue, so that the result includes a stall at the end.</summary>
    public Task StopAsync()
    {
        _queue.Context.Shard.Post(static state =>
        {
            var load = (LoadQueue)state!;
            load._stopAt = Stopwatch.GetTimestamp();
            load.SubmitIdle(load._stopAt);
        }, this);
        return _drained.Task;
    }

    /// <summary>Reads and checks all written blocks again. Call it after <see cref="StopAsync"/> has completed.</summary>
    public Task ReadBackAsync()
    {
        _drained = NewSignal();
        _queue.Context.Shard.Post(static state =>
        {
            var load = (LoadQueue)state!;
            load._isReadingBack = true;
            load._nextSlot = 0;
            load.SubmitIdle(Stopwatch.GetTimestamp());
        }, this);
        return _drained.Task;
    }

    /// <summary>Ends <see cref="ReadBackAsync"/> early. Its task completes when the outstanding reads have completed.</summary>
    public void EndReadBack() => _queue.Context.Shard.Post(static state => ((LoadQueue)state!)._nextSlot = long.MaxValue, this);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Begin()
    {
        long now = Stopwatch.GetTimestamp();
        if (_options.Rate is { } rate)
        {
            _schedule = new OpenLoopSchedule(rate, now);
            _timer = new PrecisionTimer(_queue.Context.Shard, () => SubmitIdle(Stopwatch.GetTimestamp()));
        }
        SubmitIdle(now);
    }

    /// <summary>Submits all commands that may start now. Completes the stop when nothing is outstanding. In an open loop, arms the timer
    /// for the next command.</summary>
    private void SubmitIdle(long now)
    {
        while (_idle.Count > 0 && TryBeginNext(now, out long start, out bool isRead, out long slot))
        {
            LoadCommand command = _idle.Pop();
            command.Begin(start, isRead, slot, start >= _recordFrom && start < _recordTo);

            // Without --verify the data does not matter. All reads share one buffer and all writes another, so that both stay in the cache.
            if (Ledger is null)
                command.Data = isRead ? _shared.ReadScratch : _shared.WriteScratch;
            else if (!isRead)
                Ledger.Mark(slot, command.Data.Span);
            ulong address = _options.FirstBlock + ((ulong)slot * (ulong)_blocksOfSlot);
            command.Entry = InitiatorController.NvmCommand(
                isRead ? NvmOpcode.Read : NvmOpcode.Write, _options.NamespaceId, address, _blocksOfSlot);
            if (_queue.Connection.TrySubmit(command))
                continue;
            IsLost = true;
            _idle.Push(command);
        }
        if (_idle.Count == _commands.Length && IsOver)
        {
            _timer?.Close();
            _timer = null;
            _drained.TrySetResult();
        }
        else if (_idle.Count > 0 && _schedule is not null)
        {
            _timer?.Arm(_schedule.NextDue);
        }
    }

    private bool IsOver => IsLost || (_isReadingBack ? Ledger!.NextWritten(_nextSlot) < 0 : _stopAt != long.MaxValue);

    private bool TryBeginNext(long now, out long start, out bool isRead, out long slot)
    {
        (start, isRead, slot) = (now, true, 0);
        if (IsLost)
            return false;
        if (_isReadingBack)
        {
            slot = Ledger!.NextWritten(_nextSlot);
            _nextSlot = slot < 0 ? long.MaxValue : slot + 1;
            return slot >= 0 && Ledger.Claim(slot, isRead: true) == slot;
        }
        if (_schedule is null ? _stopAt != long.MaxValue : !_schedule.TryTake(now, _stopAt, out start))
            return false;
        isRead = _options.ReadPercent == 100 || (_options.ReadPercent > 0 && (int)_random.Below(100) < _options.ReadPercent);
        slot = _options.IsSequential ? _nextSlot : (long)_random.Below((ulong)_slots);
        _nextSlot = slot + 1 == _slots ? 0 : slot + 1;
        if (Ledger is not null)
            slot = Ledger.Claim(slot, isRead);
        return true;
    }

    private void OnCompleted(LoadCommand command)
    {
        long now = Stopwatch.GetTimestamp();
        bool isSuccess = command.Status.IsSuccess;
        if (!isSuccess)
            Fail(command);
        else if (_isRecording)
            Completed++;

        // A closed loop records the commands that complete during the measurement. An open loop records the commands that were scheduled
        // in it, even if they complete later.
        if (isSuccess && (_schedule is null ? _isRecording : command.IsMeasured))
        {
            LongHistogram latencies = command.IsRead ? _shared.ReadLatencies : _shared.WriteLatencies;
            latencies.RecordValue(LatencySummary.ToHistogram(now - command.StartedAt));
        }
        if (Ledger is not null)
        {
            if (command.IsRead)
                Ledger.EndRead(command.ClaimedSlot, command.Data.Span, isSuccess);
            else
                Ledger.EndWrite(command.ClaimedSlot, isSuccess);
        }
        _idle.Push(command);
        SubmitIdle(now);
    }

    private void Fail(LoadCommand command)
    {
        Failed++;

        // The completion has freed a slot of the queue, so that only a closed connection prevents a submission.
        IsLost |= !_queue.Connection.CanSubmit;
        string operation = command.IsRead ? "Read" : "Write";
        FirstFailure ??= $"{operation} of {_blocksOfSlot} blocks from {(ulong)command.Entry.Cdw10And11}: status {command.Status}";
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
