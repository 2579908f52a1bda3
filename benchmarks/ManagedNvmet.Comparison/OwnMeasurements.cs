using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Comparison;

/// <summary>Measurements of this server alone: steady state, idle and start. Each starts a server of its own.</summary>
public sealed class OwnMeasurements(ComparisonOptions options, OursPeer ours, BackingFiles files)
{
    private const int ConnectionsPerHost = 50;

    // Number of reports of the runtime counters during the steady load.
    private const int SteadyReports = 20;

    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(4);

    /// <summary>Measures a <see cref="SteadyWork"/>, <see cref="IdleWork"/> or <see cref="StartWork"/>.</summary>
    public Task<Sample> MeasureAsync(Work work, CancellationToken cancellationToken) => work switch
    {
        SteadyWork => SteadyAsync(work, cancellationToken),
        IdleWork => IdleAsync(work, cancellationToken),
        _ => StartUpAsync(work, cancellationToken),
    };

    private async Task<Sample> SteadyAsync(Work work, CancellationToken cancellationToken)
    {
        await using PeerServer server = await ours.StartPinnedAsync(work, cancellationToken);
        var load = new Load { Backing = work.Backing, Depth = 32 };

        // Runs the load once before the measurement, because start-up and tiered compilation allocate.
        await new NvmeLoadClient(options.LoadTool, files.Folder, options.Seconds).RunAsync(server, load, cancellationToken);

        // Each report of the counters allocates as well. Measures this overhead while the server is idle, and ignores the first session,
        // which allocates most.
        await MeasureBytesPerReportAsync(server, cancellationToken);
        double bytesPerReport = await MeasureBytesPerReportAsync(server, cancellationToken);

        var interval = TimeSpan.FromSeconds(Math.Max(1, options.SteadySeconds / SteadyReports));
        using var counters = new RuntimeCounters(server.Process.Id, interval);
        var client = new NvmeLoadClient(options.LoadTool, files.Folder, options.SteadySeconds);
        Sample sample = await client.RunAsync(server, load, cancellationToken);
        counters.Stop();
        if (counters.Reports == 0)
            throw new ComparisonException("the server's runtime reported no counters; is it built without EventSource support?");
        double allocated = Math.Max(0, counters.AllocatedBytes - (bytesPerReport * counters.Reports));
        sample[Metric.AllocatedPerIo] = allocated / (sample.Values[Metric.Iops] * counters.Reports * interval.TotalSeconds);
        sample[Metric.Collections] = counters.Collections;
        return sample;
    }

    private static async Task<double> MeasureBytesPerReportAsync(PeerServer server, CancellationToken cancellationToken)
    {
        using var counters = new RuntimeCounters(server.Process.Id, TimeSpan.FromSeconds(1));
        await Task.Delay(SettlingTime, cancellationToken);
        counters.Stop();
        return counters.AllocatedBytes / Math.Max(1, counters.Reports);
    }

    private async Task<Sample> IdleAsync(Work work, CancellationToken cancellationToken)
    {
        await using PeerServer server = await ours.StartDefaultAsync(work, cancellationToken);
        await using var shard = new Shard(new ShardOptions(), NullLogger.Instance);
        shard.Start();
        int process = server.Process.Id;
        await using InitiatorController first = await ConnectAsync(shard, server.Port, IdleWork.Queues, cancellationToken);
        await Task.Delay(SettlingTime, cancellationToken);
        double before = ProcessorClock.Microseconds(process);
        var clock = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(options.IdleSeconds), cancellationToken);
        double share = (ProcessorClock.Microseconds(process) - before) / clock.Elapsed.TotalMicroseconds * 100;
        double resident = Machine.ResidentMebibytes(process);

        List<InitiatorController> more = [];
        try
        {
            // One connection of each host is its admin queue.
            for (int connections = 0; connections < IdleWork.MoreConnections; connections += ConnectionsPerHost)
                more.Add(await ConnectAsync(shard, server.Port, ConnectionsPerHost - 1, cancellationToken));
            await Task.Delay(SettlingTime, cancellationToken);
            return new Sample
            {
                [Metric.IdleCpuPercent] = share,
                [Metric.ResidentMebibytes] = resident,
                [Metric.AddedMebibytes] = Machine.ResidentMebibytes(process) - resident,
            };
        }
        finally
        {
            foreach (InitiatorController controller in more)
                await controller.DisposeAsync();
        }
    }

    private async Task<Sample> StartUpAsync(Work work, CancellationToken cancellationToken)
    {
        await using var shard = new Shard(new ShardOptions(), NullLogger.Instance);
        shard.Start();

        // A first start creates identities and files, and loads and compiles the code of this process, so that neither is measured.
        await using (PeerServer first = await ours.StartDefaultAsync(work, cancellationToken))
            await (await ConnectAsync(shard, first.Port, 1, cancellationToken)).DisposeAsync();

        var clock = Stopwatch.StartNew();
        await using PeerServer server = await ours.StartDefaultAsync(work, cancellationToken);
        await using InitiatorController controller = await ConnectAsync(shard, server.Port, 1, cancellationToken);
        return new Sample { [Metric.StartMilliseconds] = clock.Elapsed.TotalMilliseconds };
    }

    private static async Task<InitiatorController> ConnectAsync(Shard shard, int port, int queues, CancellationToken cancellationToken)
    {
        try
        {
            InitiatorController controller = await InitiatorController.ConnectAsync(
                new InitiatorOptions
                {
                    EndPoint = new IPEndPoint(IPAddress.Loopback, port),
                    SubsystemNqn = Nqn.Parse(OursPeer.Nqn),
                    IoQueues = queues,
                    QueueEntries = 32,
                    KeepAliveMilliseconds = 0,
                    Shards = [new ShardContext(shard)],
                },
                cancellationToken);
            return controller.IoQueues.Count == queues
                ? controller
                : throw new ComparisonException($"the server granted {controller.IoQueues.Count} I/O queues of {queues}");
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            throw new ComparisonException($"a host could not connect with {queues} queues: {exception.Message}");
        }
    }
}
