using System.Diagnostics;
using HdrHistogram;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.LoadGenerator;

/// <summary>A closed loop on one queue: as many commands in flight as asked for, each submitted again when it ends. Runs on the queue's shard
/// and allocates nothing once it has begun.</summary>
public sealed class LoadQueue
{
    private const int HighestLatencyMicroseconds = 60_000_000;

    private readonly InitiatorQueue queue;
    private readonly LoadOptions options;
    private readonly LoadCommand[] commands;
    private readonly Random random;
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ulong slots;
    private ulong nextSlot;
    private int inFlight;
    private bool isStopping;
    private bool isRecording;

    /// <summary>Makes the commands; nothing runs before <see cref="Start"/>.</summary>
    public LoadQueue(InitiatorQueue queue, LoadOptions options, int seed)
    {
        this.queue = queue;
        this.options = options;
        random = new Random(seed);
        slots = options.BlockCount * (ulong)options.BlockSize / (ulong)options.TransferBytes;
        commands = new LoadCommand[options.Depth];
        for (int index = 0; index < commands.Length; index++)
        {
            Memory<byte> data = InitiatorController.AllocatePinned(options.TransferBytes);
            random.NextBytes(data.Span);
            commands[index] = new LoadCommand(this) { Data = data };
        }
    }

    /// <summary>Latencies in tenths of a microsecond.</summary>
    public LongHistogram Latencies { get; } = new(HighestLatencyMicroseconds * 10L, 3);

    /// <summary>Commands that ended while recording.</summary>
    public long Completed { get; private set; }

    /// <summary>Commands that failed.</summary>
    public long Failed { get; private set; }

    /// <summary>Submits the first commands.</summary>
    public void Start() => queue.Context.Shard.Post(static state => ((LoadQueue)state!).Begin(), this);

    /// <summary>Begins or ends counting.</summary>
    public void Record(bool isOn) => queue.Context.Shard.Post(_ => isRecording = isOn, null);

    /// <summary>Submits no more, and ends when those in flight have ended.</summary>
    public Task StopAsync()
    {
        queue.Context.Shard.Post(_ =>
        {
            isStopping = true;
            if (inFlight == 0)
                drained.TrySetResult();
        }, null);
        return drained.Task;
    }

    private void Begin()
    {
        foreach (LoadCommand command in commands)
            Submit(command);
    }

    private void Submit(LoadCommand command)
    {
        ulong slot = options.IsSequential ? nextSlot++ % slots : (ulong)random.NextInt64((long)slots);
        bool isRead = options.ReadPercent == 100 || (options.ReadPercent > 0 && random.Next(100) < options.ReadPercent);
        int blocks = options.TransferBytes / options.BlockSize;
        command.Entry = InitiatorController.NvmCommand(isRead ? (byte)0x02 : (byte)0x01, options.NamespaceId, slot * (ulong)blocks, blocks);
        command.StartedAt = Stopwatch.GetTimestamp();
        if (queue.Connection.TrySubmit(command))
            inFlight++;
        else
            Failed++;
    }

    private void OnCompleted(LoadCommand command)
    {
        inFlight--;
        if (!command.Status.IsSuccess)
            Failed++;
        if (isRecording)
        {
            Completed++;
            long tenths = (Stopwatch.GetTimestamp() - command.StartedAt) * 10_000_000 / Stopwatch.Frequency;
            Latencies.RecordValue(Math.Clamp(tenths, 1, HighestLatencyMicroseconds * 10L));
        }
        if (!isStopping && command.Status.IsSuccess)
            Submit(command);
        else if (inFlight == 0)
            drained.TrySetResult();
    }

    private sealed class LoadCommand(LoadQueue owner) : Protocol.Connection.HostCommand
    {
        public long StartedAt { get; set; }

        protected override void OnCompleted() => owner.OnCompleted(this);
    }
}
