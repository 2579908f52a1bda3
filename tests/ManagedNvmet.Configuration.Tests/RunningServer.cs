using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>A server with a configuration, on free ports of the loopback interface, and a shard for hosts.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly Shard _hostShard;
    private readonly ShardContext _hostContext;

    private RunningServer(NvmetServer server)
    {
        Server = server;
        _hostShard = new Shard(new ShardOptions { Index = 99, Disk = DiskEngine.Workers }, NullLogger.Instance);
        _hostShard.Start();
        _hostContext = new ShardContext(_hostShard);
    }

    public NvmetServer Server { get; }

    public static async Task<RunningServer> StartAsync(
        TargetConfiguration configuration,
        string stateFolder,
        Action<NvmetServerOptions>? change = null,
        ILoggerFactory? loggers = null)
    {
        var options = new NvmetServerOptions
        {
            Configuration = configuration,
            StateFolder = stateFolder,
            ShardCount = 1,
            Shard = new ShardOptions { Disk = DiskEngine.Workers, BufferBytes = 4 * 1024 * 1024 },

            // Disables the timers: a test triggers each retry itself.
            HealInterval = TimeSpan.FromDays(1),
            SizeInterval = Timeout.InfiniteTimeSpan,
            WatchesConfiguration = false,
        };
        change?.Invoke(options);
        if (options.ConfigurationPath is not null)
            options.Configuration = null;
        var server = new NvmetServer(options, loggers ?? NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        return new RunningServer(server);
    }

    public async Task<InitiatorController> ConnectAsync(Nqn subsystem, Nqn? host = null, int port = 0, int ioQueues = 1)
    {
        var options = new InitiatorOptions
        {
            EndPoint = Server.EndPoints[port],
            SubsystemNqn = subsystem,
            Shards = [_hostContext],
            IoQueues = ioQueues,
        };
        return await InitiatorController.ConnectAsync(host is null ? options : options with { HostNqn = host });
    }

    public async Task<ApplyResult> ApplyAsync(TargetConfiguration wanted)
    {
        ApplyResult result = await Server.ApplyAsync(wanted, null, CancellationToken.None);
        Assert.True(result.IsSuccess, $"{result.Outcome}: {result.Reason}");
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _hostShard.DisposeAsync();
    }
}
