using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Conformance;

/// <summary>Every script is a test: against a target in memory, and against our server over the loopback.</summary>
public sealed class ScriptTests(ScriptTests.Server server) : IClassFixture<ScriptTests.Server>
{
    public static TheoryData<string> Names => [.. ScriptFolder.All.Select(script => script.Name)];

    public static TheoryData<string> TransportNames =>
        [.. ScriptFolder.All.Select(script => script.Name).Where(name => name.StartsWith("transport-", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_target_in_memory_conforms(string name)
    {
        await using var link = new MemoryLink();
        ScriptRun.Run(Find(name), link, ScriptFolder.Path);
    }

    [Theory]
    [MemberData(nameof(TransportNames))]
    public async Task The_engine_alone_conforms(string name)
    {
        await using var link = new EngineLink();
        ScriptRun.Run(Find(name), link, ScriptFolder.Path);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_server_conforms_over_the_loopback(string name)
    {
        Script script = Find(name);
        await using var link = new TcpLink(server.Address, TestTarget.SubsystemNqn);
        ScriptRun.Run(script, link, ScriptFolder.Path);
    }

    private static Script Find(string name) => ScriptFolder.All.Single(script => script.Name == name);

    /// <summary>Our server on a free port, with the same two disks as the target in memory.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("managed-nvmet-").FullName;
        private NvmetServer? _server;

        public IPEndPoint Address => _server!.EndPoints[0];

        public async ValueTask InitializeAsync()
        {
            var options = new NvmetServerOptions
            {
                StateFolder = _folder,
                SubsystemNqn = Nqn.Parse(TestTarget.SubsystemNqn),
                ShardCount = 2,
            };
            options.Namespaces.Add(new NamespaceOptions { Device = new TestDevice(), Name = "one" });
            options.Namespaces.Add(new NamespaceOptions { Device = new TestDevice(64, 4096), Name = "two" });
            options.Listen.Add(new IPEndPoint(IPAddress.Loopback, 0));
            _server = new NvmetServer(options, NullLoggerFactory.Instance);
            await _server.StartAsync(CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await _server!.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
