using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Conformance;

/// <summary>Our server on a free port, with the same two disks as the target in memory.</summary>
public class ScriptServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("managed-nvmet-").FullName;
    private NvmetServer? _server;

    public IPEndPoint Address => _server!.EndPoints[0];

    /// <summary>What carries the connections.</summary>
    protected virtual TransportEngine Transport => TransportEngine.Epoll;

    public async ValueTask InitializeAsync()
    {
        var options = new NvmetServerOptions
        {
            StateFolder = _folder,
            SubsystemNqn = Nqn.Parse(TestTarget.SubsystemNqn),
            ShardCount = 2,
            Transport = Transport,
        };
        options.Namespaces.Add(new NamespaceOptions { Device = new TestDevice(), Name = "one" });
        options.Namespaces.Add(new NamespaceOptions { Device = new TestDevice(64, 4096), Name = "two" });
        options.Listen.Add(new IPEndPoint(IPAddress.Loopback, 0));
        _server = new NvmetServer(options, NullLoggerFactory.Instance);
        await _server.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
