using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.LoadGenerator.Tests;

/// <summary>A server in this process on a free port of the loopback interface, with load arguments for it.</summary>
internal sealed class TestTarget : IAsyncDisposable
{
    private readonly string _folder;

    private TestTarget(NvmetServer server, string folder)
    {
        Server = server;
        _folder = folder;
    }

    public static Nqn Nqn { get; } = Nqn.Parse("nqn.2026-11.io.example:load");

    public NvmetServer Server { get; }

    public LoadArguments Arguments => new()
    {
        Target = new TargetAddress("127.0.0.1", Server.EndPoints[0].Port),
        SubsystemNqn = Nqn,
        QueueDepth = 4,
        Seconds = 0.2,
        WarmUpSeconds = 0,
        Quiet = true,
    };

    public static async Task<TestTarget> StartAsync(params NamespaceOptions[] namespaces)
    {
        string folder = Directory.CreateTempSubdirectory("managed-nvmet-").FullName;
        var options = new NvmetServerOptions { StateFolder = folder, SubsystemNqn = Nqn, ShardCount = 1 };
        foreach (NamespaceOptions added in namespaces)
            options.Namespaces.Add(added);
        options.Listen.Add(new IPEndPoint(IPAddress.Loopback, 0));
        var server = new NvmetServer(options, NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        return new TestTarget(server, folder);
    }

    public static Task<TestTarget> StartAsync(string disk) => StartAsync(new NamespaceOptions { Specification = disk });

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
