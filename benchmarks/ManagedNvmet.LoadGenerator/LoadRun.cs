using System.Diagnostics;
using System.Net;
using HdrHistogram;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Runs one load: connects, loads, measures and disconnects.</summary>
public sealed class LoadRun
{
    private const int SpinMicroseconds = ShardOptions.MaxSpinMicroseconds;
    private const int PollMilliseconds = 50;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    private readonly LoadArguments _arguments;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<ShardContext, LoadShared> _shared = [];
    private readonly List<LoadQueue> _loads = [];
    private bool _drainTimedOut;

    private LoadRun(LoadArguments arguments, CancellationToken cancellationToken)
    {
        _arguments = arguments;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Runs a load and returns its result.</summary>
    /// <param name="arguments">The load. <see cref="LoadArguments.Faults"/> must be empty.</param>
    /// <param name="cancellationToken">Ends the load early. The result then covers the time so far.</param>
    /// <exception cref="UsageException">The target does not support the load.</exception>
    /// <exception cref="InitiatorException">The target is unreachable or refused a command.</exception>
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
        NamespaceGeometry geometry = await NamespaceGeometry.IdentifyAsync(controller, _arguments.NamespaceId).ConfigureAwait(false);
        ValidateAgainstTarget(controller, geometry);
        MakeQueues(controller, geometry);
        _loads.ForEach(load => load.Start());
        await WaitAsync(_arguments.WarmUpSeconds, progress: null).ConfigureAwait(false);

        double serverBefore = ServerMicroseconds();
        TimeSpan clientBefore = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        _loads.ForEach(load => load.Record(true));
        ProgressLines? progress = _arguments.Quiet ? null : new ProgressLines(_loads, _arguments.TransferBytes);
        await WaitAsync(_arguments.Seconds, progress).ConfigureAwait(false);
        _loads.ForEach(load => load.Record(false));
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        DateTimeOffset until = DateTimeOffset.UtcNow;
        double clientMicroseconds = (Environment.CpuUsage.TotalTime - clientBefore).TotalMicroseconds;
        double serverMicroseconds = ServerMicroseconds() - serverBefore;

        await DrainAsync(_loads.Select(load => load.StopAsync())).ConfigureAwait(false);
        if (_arguments is { Verify: true, ReadPercent: < 100 } && !_drainTimedOut)
            await ReadBackAsync().ConfigureAwait(false);
        bool isInterrupted = _cancellationToken.IsCancellationRequested;
        return Result(geometry, elapsed, until, serverMicroseconds, clientMicroseconds, isInterrupted);
    }

    private void ValidateAgainstTarget(InitiatorController controller, NamespaceGeometry geometry)
    {
        List<string> faults = [.. geometry.Faults(_arguments)];
        if (controller.IoQueues.Count < _arguments.Queues)
            faults.Add($"--queues is {_arguments.Queues}, but the target grants {controller.IoQueues.Count} queues.");
        if (controller.IoQueues is [{ Connection.Parameters: { } agreed }, ..])
        {
            if (_arguments.HeaderDigest && !agreed.HeaderDigest)
                faults.Add("The target does not support --header-digest.");
            if (_arguments.DataDigest && !agreed.DataDigest)
                faults.Add("The target does not support --data-digest.");
        }
        if (faults.Count > 0)
            throw new UsageException(string.Join(Environment.NewLine + "nvme-load: ", faults));
    }

    private void MakeQueues(InitiatorController controller, NamespaceGeometry geometry)
    {
        // The clock makes the base higher than all generations of earlier runs. 28 bits per second leave enough numbers for a run.
        ulong generationBase = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() << 28;
        for (int index = 0; index < _arguments.Queues; index++)
        {
            InitiatorQueue queue = controller.IoQueues[index];
            if (!_shared.TryGetValue(queue.Context, out LoadShared? ofShard))
                _shared[queue.Context] = ofShard = new LoadShared(_arguments.TransferBytes, _arguments.Seed);
            _loads.Add(new LoadQueue(queue, geometry.OptionsOfQueue(_arguments, index, generationBase), _arguments.Seed + index, ofShard));
        }
    }

    private async Task WaitAsync(double seconds, ProgressLines? progress)
    {
        long start = Stopwatch.GetTimestamp();
        while (!_cancellationToken.IsCancellationRequested && !_loads.Exists(load => load.IsLost))
        {
            double left = (seconds * 1000) - Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (left <= 0)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(left, PollMilliseconds)), _cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            progress?.WriteIfDue();
        }
    }

    /// <summary>Reads and checks all written blocks, until all are read or the user interrupts.</summary>
    private async Task ReadBackAsync()
    {
        if (_cancellationToken.IsCancellationRequested)
            return;
        List<Task> ends = _loads.ConvertAll(load => load.ReadBackAsync());
        await Task.WhenAny(Task.WhenAll(ends), Task.Delay(Timeout.Infinite, _cancellationToken)).ConfigureAwait(false);
        _loads.ForEach(load => load.EndReadBack());
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
            _drainTimedOut = true;
        }
    }

    private double ServerMicroseconds() => _arguments.ServerPid is { } processId ? ProcessorTime.Microseconds(processId) : 0;

    private LoadResult Result(
        NamespaceGeometry geometry,
        double elapsed,
        DateTimeOffset until,
        double serverMicroseconds,
        double clientMicroseconds,
        bool isInterrupted)
    {
        LongHistogram reads = LatencySummary.NewHistogram();
        LongHistogram writes = LatencySummary.NewHistogram();
        LongHistogram all = LatencySummary.NewHistogram();
        foreach (LoadShared ofShard in _shared.Values)
        {
            reads.Add(ofShard.ReadLatencies);
            writes.Add(ofShard.WriteLatencies);
        }
        all.Add(reads);
        all.Add(writes);
        long completed = _loads.Sum(load => load.Completed);
        long lost = _loads.LongCount(load => load.IsLost);
        string? unanswered = _drainTimedOut
            ? $"some commands did not complete within {DrainTimeout.TotalSeconds:0} s after the end of the load"
            : null;
        return new LoadResult
        {
            Label = _arguments.Label,
            Target = _arguments.Target.ToString(),
            Subsystem = _arguments.SubsystemNqn.Text,
            NamespaceId = _arguments.NamespaceId,
            Load = Describe(geometry, elapsed, until),
            Iops = Math.Round(completed / elapsed, 1),
            BytesPerSecond = Math.Round(completed / elapsed * _arguments.TransferBytes),
            Latency = LatencySummary.Of(all),
            ReadLatency = LatencySummary.Of(reads),
            WriteLatency = LatencySummary.Of(writes),
            Errors = _loads.Sum(load => load.Failed) + lost + (_drainTimedOut ? 1 : 0),
            FirstError = _loads.Select(load => load.FirstFailure).FirstOrDefault(failure => failure is not null)
                ?? unanswered ?? (lost > 0 ? "the target closed a connection" : null),
            VerificationFailures = _loads.Sum(load => load.Ledger?.WrongBlocks ?? 0),
            VerifiedBlocks = _loads.Sum(load => load.Ledger?.CheckedBlocks ?? 0),
            VerificationMessages = [.. _loads.SelectMany(load => load.Ledger?.Faults ?? []).Take(10)],
            QueueIops = _loads.ConvertAll(load => Math.Round(load.Completed / elapsed, 1)),
            ServerCpuMicrosecondsPerIo =
                _arguments.ServerPid is not null && completed > 0 ? Math.Round(serverMicroseconds / completed, 3) : null,
            ClientCpuMicrosecondsPerIo = completed > 0 ? Math.Round(clientMicroseconds / completed, 3) : 0,
            Interrupted = isInterrupted,
            Histogram = LatencySummary.Steps(all),
        };
    }

    private LoadDescription Describe(NamespaceGeometry geometry, double elapsed, DateTimeOffset until) => new()
    {
        Mode = _arguments.Rate is null ? "closed" : "open",
        Rate = _arguments.Rate,
        ReadPercent = _arguments.ReadPercent,
        Pattern = _arguments.IsSequential ? "sequential" : "random",
        TransferBytes = _arguments.TransferBytes,
        QueueDepth = _arguments.QueueDepth,
        Queues = _arguments.Queues,
        Shards = _arguments.Shards,
        HeaderDigest = _arguments.HeaderDigest,
        DataDigest = _arguments.DataDigest,
        Verify = _arguments.Verify,
        Seconds = Math.Round(elapsed, 3),
        MeasuredUntil = until,
        WarmUpSeconds = _arguments.WarmUpSeconds,
        Spin = _arguments.Spin,
        RangeBytes = geometry.RangeBytes(_arguments),
    };
}
