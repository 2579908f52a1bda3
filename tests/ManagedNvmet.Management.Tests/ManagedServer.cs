using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Management.Tests;

/// <summary>A server with its management interface and hosts, on free ports of the loopback interface and with a folder of its
/// own.</summary>
internal sealed class ManagedServer : IAsyncDisposable
{
    public static readonly Nqn Nqn = Nqn.Parse("nqn.2026-11.io.example:managed");

    private readonly List<InitiatorController> _hosts = [];
    private readonly Shard _hostShard = new(new ShardOptions { Index = 99 }, NullLogger.Instance);
    private readonly ILoggerFactory _loggers;
    private readonly List<HttpClient> _clients = [];
    private ShardContext? _hostContext;

    private ManagedServer(string folder, NvmetServer server, TargetView view, EventLog events, ILoggerFactory loggers,
        ManagementOptions options)
    {
        Folder = folder;
        Server = server;
        View = view;
        Events = events;
        _loggers = loggers;
        Management = new ManagementService(options, view, view, server, events, loggers);
    }

    public string Folder { get; }

    public NvmetServer Server { get; }

    public TargetView View { get; }

    public EventLog Events { get; }

    public ManagementService Management { get; }

    public string Token { get; private set; } = "";

    public string SocketPath => Path.Combine(Folder, ManagementOptions.SocketName);

    public Uri Address => new($"http://{Management.EndPoints[0]}");

    /// <summary>Starts a server with two disks in memory. Its management interface has a Unix socket and optionally a TCP address with a
    /// token.</summary>
    public static async Task<ManagedServer> StartAsync(bool withAddress = false, Func<ManagementOptions, ManagementOptions>? change = null)
    {
        string folder = Directory.CreateTempSubdirectory("managed-nvmet-management-").FullName;
        string token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        string tokenFile = Path.Combine(folder, "token");
        File.WriteAllText(tokenFile, token + "\n");
        File.SetUnixFileMode(tokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var settings = new NvmetServerOptions { StateFolder = folder, SubsystemNqn = Nqn, ShardCount = 1, SerialNumber = "MANAGED1" };
        settings.Namespaces.Add(new NamespaceOptions { Specification = "mem:64M" });
        settings.Namespaces.Add(new NamespaceOptions { Specification = "null:2T,ro" });
        settings.Listen.Add(new IPEndPoint(IPAddress.Loopback, 0));
        var events = new EventLog();
        ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddProvider(events));
        var server = new NvmetServer(settings, loggers);
        var options = new ManagementOptions
        {
            SocketPath = Path.Combine(folder, ManagementOptions.SocketName),
            IsSocketRequired = true,
            EndPoints = withAddress ? [new IPEndPoint(IPAddress.Loopback, 0)] : [],
            TokenFile = withAddress ? tokenFile : null,
        };
        var managed = new ManagedServer(folder, server, new TargetView(server), events, loggers, change is null ? options
            : change(options));
        managed.Token = token;
        managed._hostShard.Start();
        managed._hostContext = new ShardContext(managed._hostShard);
        await managed.Management.StartAsync(CancellationToken.None);
        await server.StartAsync(CancellationToken.None);
        await managed.Management.StartedAsync(CancellationToken.None);
        return managed;
    }

    /// <summary>Creates a client for the Unix socket.</summary>
    public HttpClient OnSocket()
    {
        string path = SocketPath;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var client = new HttpClient(handler) { BaseAddress = new Uri("http://localhost") };
        _clients.Add(client);
        return client;
    }

    /// <summary>Creates a client for the TCP address, with or without the token.</summary>
    public HttpClient OnAddress(string? token)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _clients.Add(client);
        return client;
    }

    /// <summary>Connects a host to the subsystem.</summary>
    public async Task<InitiatorController> ConnectAsync(Func<InitiatorOptions, InitiatorOptions>? change = null)
    {
        var options = new InitiatorOptions { EndPoint = Server.EndPoints[0], SubsystemNqn = Nqn, Shards = [_hostContext!] };
        InitiatorController host = await InitiatorController.ConnectAsync(change is null ? options : change(options));
        _hosts.Add(host);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HttpClient client in _clients)
            client.Dispose();
        await Server.DisposeAsync();
        await Management.DisposeAsync();
        foreach (InitiatorController host in _hosts)
            await host.DisposeAsync();
        await _hostShard.DisposeAsync();
        _loggers.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
