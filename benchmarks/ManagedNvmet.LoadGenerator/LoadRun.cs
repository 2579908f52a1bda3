using System.Diagnostics;
using System.Net;
using HdrHistogram;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.LoadGenerator;

/// <summary>One load from connecting to the result.</summary>
public sealed class LoadRun
{
    private const int SpinMicroseconds = ShardOptions.MaxSpinMicroseconds;
    private const int StepMilliseconds = 50;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    private readonly LoadArguments arguments;
    private readonly CancellationToken cancellationToken;
    private readonly Dictionary<ShardContext, LoadShared> shared = [];
    private readonly List<LoadQueue> loads = [];
    private bool isUnanswered;

    private LoadRun(LoadArguments arguments, CancellationToken cancellationToken)
    {
        this.arguments = arguments;
        this.cancellationToken = cancellationToken;
    }

    /// <summary>Connects, loads, measures and disconnects.</summary>
    /// <param name="arguments">What to do; without <see cref="LoadArguments.Faults"/>.</param>
    /// <param name="cancellationToken">Ends the load; the result holds what was measured so far.</param>
    /// <exception cref="UsageException">The target cannot do what was asked for.</exception>
    /// <exception cref="InitiatorException">The target was not reached or refused.</exception>
    public static async Task<LoadResult> RunAsync(LoadArguments arguments, CancellationToken cancellationToken)
    {
        IPEndPoint endPoint = await arguments.Target.ResolveAsync(cancellationToken).ConfigureAwait(false);
        var shards = new List<Shard>();
        try
        {
            for (int index = 0; index < arguments.Shards; index++)
            {
                var shard = new Shard(
                    new ShardOptions { Index = index, SpinMicroseconds = arguments.Spin ? SpinMicroseconds : 0 }, NullLogger.Instance);
                shards.Add(shard);
                shard.Start();
            }
            List<ShardContext> contexts = shards.ConvertAll(shard => new ShardContext(shard));
            await using InitiatorController controller =
                await InitiatorController.ConnectAsync(Options(arguments, endPoint, contexts), cancellationToken).ConfigureAwait(false);
            return await new LoadRun(arguments, cancellationToken).MeasureAsync(controller).ConfigureAwait(false);
        }
        finally
        {
            foreach (Shard shard in shards)
                await shard.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static InitiatorOptions Options(LoadArguments arguments, IPEndPoint endPoint, IReadOnlyList<ShardContext> contexts)
    {
        var options = new InitiatorOptions
        {
            EndPoint = endPoint,
            SubsystemNqn = arguments.SubsystemNqn,
            IoQueues = arguments.Queues,
            QueueEntries = arguments.QueueDepth + 1,
            HeaderDigest = arguments.HeaderDigest,
            DataDigest = arguments.DataDigest,
            Shards = contexts,
        };
        return arguments.HostNqn is { } host ? options with { HostNqn = host } : options;
    }

    private async Task<LoadResult> MeasureAsync(InitiatorController controller)
    {
        NamespaceGeometry geometry = await NamespaceGeometry.IdentifyAsync(controller, arguments.NamespaceId).ConfigureAwait(false);
        RequireWhatWasAskedFor(controller, geometry);
        MakeQueues(controller, geometry);
        loads.ForEach(load => load.Start());
        await WaitAsync(arguments.WarmUpSeconds, progress: null).ConfigureAwait(false);

        double serverBefore = ServerMicroseconds();
        TimeSpan clientBefore = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        loads.ForEach(load => load.Record(true));
        await WaitAsync(arguments.Seconds, arguments.Quiet ? null : new ProgressLines(loads, arguments.TransferBytes)).ConfigureAwait(false);
        loads.ForEach(load => load.Record(false));
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        DateTimeOffset until = DateTimeOffset.UtcNow;
        double clientMicroseconds = (Environment.CpuUsage.TotalTime - clientBefore).TotalMicroseconds;
        double serverMicroseconds = ServerMicroseconds() - serverBefore;

        await DrainAsync(loads.Select(load => load.StopAsync())).ConfigureAwait(false);
        if (arguments is { Verify: true, ReadPercent: < 100 } && !isUnanswered)
            await ReadBackAsync().ConfigureAwait(false);
        bool isInterrupted = cancellationToken.IsCancellationRequested;
        return Result(geometry, elapsed, until, serverMicroseconds, clientMicroseconds, isInterrupted);
    }

    private void RequireWhatWasAskedFor(InitiatorController controller, NamespaceGeometry geometry)
    {
        List<string> faults = [.. geometry.Faults(arguments)];
        if (controller.IoQueues.Count < arguments.Queues)
            faults.Add($"--queues is {arguments.Queues}, but the target grants {controller.IoQueues.Count}.");
        if (controller.IoQueues is [{ Connection.Parameters: { } agreed }, ..])
        {
            if (arguments.HeaderDigest && !agreed.HeaderDigest)
                faults.Add("--header-digest was asked for, but the target declined it.");
            if (arguments.DataDigest && !agreed.DataDigest)
                faults.Add("--data-digest was asked for, but the target declined it.");
        }
        if (faults.Count > 0)
            throw new UsageException(string.Join(Environment.NewLine + "nvme-load: ", faults));
    }

    private void MakeQueues(InitiatorController controller, NamespaceGeometry geometry)
    {
        // Higher than that of any run before, by the clock; a run that writes one block a million times a second stays within its own numbers.
        ulong generationBase = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() << 28;
        for (int index = 0; index < arguments.Queues; index++)
        {
            InitiatorQueue queue = controller.IoQueues[index];
            if (!shared.TryGetValue(queue.Context, out LoadShared? ofShard))
                shared[queue.Context] = ofShard = new LoadShared(arguments.TransferBytes, arguments.Seed);
            loads.Add(new LoadQueue(queue, geometry.OptionsOfQueue(arguments, index, generationBase), arguments.Seed + index, ofShard));
        }
    }

    private async Task WaitAsync(double seconds, ProgressLines? progress)
    {
        long start = Stopwatch.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested && !loads.Exists(load => load.IsLost))
        {
            double left = (seconds * 1000) - Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (left <= 0)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(left, StepMilliseconds)), cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            progress?.Tell();
        }
    }

    /// <summary>Takes as long as the target takes to read it all, or until the person has waited long enough.</summary>
    private async Task ReadBackAsync()
    {
        if (cancellationToken.IsCancellationRequested)
            return;
        List<Task> ends = loads.ConvertAll(load => load.ReadBackAsync());
        await Task.WhenAny(Task.WhenAll(ends), Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
        loads.ForEach(load => load.EndReadBack());
        await DrainAsync(ends).ConfigureAwait(false);
    }

    private async Task DrainAsync(IEnumerable<Task> ends)
    {
        try
        {
            await Task.WhenAll(ends).WaitAsync(DrainTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            isUnanswered = true;
        }
    }

    private double ServerMicroseconds() => arguments.ServerPid is { } processId ? ProcessorTime.Microseconds(processId) : 0;

    private LoadResult Result(
        NamespaceGeometry geometry, double elapsed, DateTimeOffset until, double serverMicroseconds, double clientMicroseconds, bool isInterrupted)
    {
        LongHistogram reads = LatencySummary.NewHistogram();
        LongHistogram writes = LatencySummary.NewHistogram();
        LongHistogram all = LatencySummary.NewHistogram();
        foreach (LoadShared ofShard in shared.Values)
        {
            reads.Add(ofShard.ReadLatencies);
            writes.Add(ofShard.WriteLatencies);
        }
        all.Add(reads);
        all.Add(writes);
        long completed = loads.Sum(load => load.Completed);
        long lost = loads.LongCount(load => load.IsLost);
        string? unanswered = isUnanswered ? $"commands were not answered within {DrainTimeout.TotalSeconds:0} s of the end of the load" : null;
        return new LoadResult
        {
            Label = arguments.Label,
            Target = arguments.Target.ToString(),
            Subsystem = arguments.SubsystemNqn.Text,
            NamespaceId = arguments.NamespaceId,
            Load = Describe(geometry, elapsed, until),
            Iops = Math.Round(completed / elapsed, 1),
            BytesPerSecond = Math.Round(completed / elapsed * arguments.TransferBytes),
            Latency = LatencySummary.Of(all),
            ReadLatency = LatencySummary.Of(reads),
            WriteLatency = LatencySummary.Of(writes),
            Errors = loads.Sum(load => load.Failed) + lost + (isUnanswered ? 1 : 0),
            FirstError = loads.Select(load => load.FirstFailure).FirstOrDefault(failure => failure is not null)
                ?? unanswered ?? (lost > 0 ? "the target ended a connection" : null),
            VerificationFailures = loads.Sum(load => load.Ledger?.WrongBlocks ?? 0),
            VerifiedBlocks = loads.Sum(load => load.Ledger?.CheckedBlocks ?? 0),
            VerificationMessages = [.. loads.SelectMany(load => load.Ledger?.Faults ?? []).Take(10)],
            QueueIops = loads.ConvertAll(load => Math.Round(load.Completed / elapsed, 1)),
            ServerCpuMicrosecondsPerIo = arguments.ServerPid is not null && completed > 0 ? Math.Round(serverMicroseconds / completed, 3) : null,
            ClientCpuMicrosecondsPerIo = completed > 0 ? Math.Round(clientMicroseconds / completed, 3) : 0,
            Interrupted = isInterrupted,
            Histogram = LatencySummary.Steps(all),
        };
    }

    private LoadDescription Describe(NamespaceGeometry geometry, double elapsed, DateTimeOffset until) => new()
    {
        Mode = arguments.Rate is null ? "closed" : "open",
        Rate = arguments.Rate,
        ReadPercent = arguments.ReadPercent,
        Pattern = arguments.IsSequential ? "sequential" : "random",
        TransferBytes = arguments.TransferBytes,
        QueueDepth = arguments.QueueDepth,
        Queues = arguments.Queues,
        Shards = arguments.Shards,
        HeaderDigest = arguments.HeaderDigest,
        DataDigest = arguments.DataDigest,
        Verify = arguments.Verify,
        Seconds = Math.Round(elapsed, 3),
        MeasuredUntil = until,
        WarmUpSeconds = arguments.WarmUpSeconds,
        Spin = arguments.Spin,
        RangeBytes = geometry.RangeBytes(arguments),
    };
}
