using System.Net;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>A server on a free port of the loopback interface, with a shard for hosts and a folder for state and files.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly Shard _hostShard;

    private TestServer(NvmetServer server, string folder)
    {
        Server = server;
        Folder = folder;
        _hostShard = new Shard(new ShardOptions { Index = 99 }, NullLogger.Instance);
        _hostShard.Start();
        HostContext = new ShardContext(_hostShard);
    }

    public static Nqn Nqn { get; } = Nqn.Parse("nqn.2026-11.io.example:loopback");

    public NvmetServer Server { get; }

    public string Folder { get; }

    public ShardContext HostContext { get; }

    public static async Task<TestServer> StartAsync(string disk, Action<NvmetServerOptions>? configure = null)
    {
        string folder = Directory.CreateTempSubdirectory("managed-nvmet-").FullName;
        var options = new NvmetServerOptions { StateFolder = folder, SubsystemNqn = Nqn };
        options.Namespaces.Add(new NamespaceOptions { Specification = disk.Replace("{folder}", folder, StringComparison.Ordinal) });
        options.Listen.Add(new IPEndPoint(IPAddress.Loopback, 0));
        configure?.Invoke(options);
        var server = new NvmetServer(options, NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        return new TestServer(server, folder);
    }

    public InitiatorOptions HostOptions => new()
    {
        EndPoint = Server.EndPoints[0],
        SubsystemNqn = Nqn,
        Shards = [HostContext],
    };

    public Task<InitiatorController> ConnectAsync(Func<InitiatorOptions, InitiatorOptions>? change = null) =>
        InitiatorController.ConnectAsync(change is null ? HostOptions : change(HostOptions));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _hostShard.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
