using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Server.Tests;

/// <summary>Base class of tests with servers. It ends the servers and hosts of a test and deletes its folder.</summary>
public abstract class ServerTest : IAsyncDisposable
{
    protected const int BlockSize = 512;

    private static readonly string[] AsNobody =
        ["--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];

    private readonly List<ServerProcess> _servers = [];
    private readonly List<InitiatorController> _hosts = [];
    private readonly Lazy<Shard> _hostShard = new(static () =>
    {
        var shard = new Shard(new ShardOptions { Index = 99 }, NullLogger.Instance);
        shard.Start();
        return shard;
    });

    private ShardContext? _hostContext;

    protected ServerTest()
    {
        // The folder must be readable for other users, because some tests run the server as another user.
        Folder = Directory.CreateTempSubdirectory("managed-nvmet-server-").FullName;
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        StateHome = Path.Combine(Folder, "state");
    }

    protected string Folder { get; }

    /// <summary>XDG_STATE_HOME of the servers.</summary>
    protected string StateHome { get; }

    protected string StateFolder => Path.Combine(StateHome, "managed-nvmet");

    /// <summary>Prepares a server without starting it.</summary>
    internal ServerProcess Prepare(params string[] arguments) => Prepare(new ServerProcess(Folder, arguments));

    internal ServerProcess Prepare(ServerProcess server)
    {
        server.Environment["XDG_STATE_HOME"] = StateHome;
        _servers.Add(server);
        return server;
    }

    /// <summary>Prepares a server that runs as user nobody, without groups and capabilities, and with a state folder of its own. Skips the
    /// test where this is not possible.</summary>
    internal async Task<ServerProcess> PrepareUnprivilegedAsync(params string[] arguments)
    {
        Assert.SkipUnless(Machine.IsRoot && Machine.Has("setpriv"), "Needs root and setpriv, to become another user.");
        (int reachable, _) = await Machine.RunAsync("setpriv", [.. AsNobody, "test", "-x", ServerProcess.Binary]);
        Assert.SkipUnless(reachable == 0, $"Other users cannot reach {ServerProcess.Binary}.");
        string home = Directory.CreateDirectory(Path.Combine(Folder, "nobody")).FullName;
        await Machine.RequireAsync("chown", "65534:65534", home);
        ServerProcess server = Prepare(new ServerProcess(Folder, arguments) { Wrapper = ["setpriv", .. AsNobody] });
        server.Environment["XDG_STATE_HOME"] = home;
        server.Environment["HOME"] = "/nonexistent";
        return server;
    }

    /// <summary>Starts a server on a free port of the loopback interface and waits until it is ready.</summary>
    internal async Task<ServerProcess> StartAsync(params string[] arguments)
    {
        ServerProcess server = Prepare(["--listen", "127.0.0.1:0", .. arguments]);
        await server.StartAsync();
        return server;
    }

    /// <summary>Runs a server and asserts that it does not start: it ends with this exit code and prints one line with the
    /// reason.</summary>
    /// <returns>The line.</returns>
    internal Task<string> RefusalAsync(int exitCode, params string[] arguments) => RefusalAsync(Prepare(arguments), exitCode);

    /// <summary>Runs a verb that must succeed.</summary>
    /// <returns>Its output.</returns>
    protected async Task<string> RunAsync(params string[] arguments)
    {
        (int code, string output, string error) = await ExecuteAsync(arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)} ended with {code}:\n{output}\n{error}");
        return output;
    }

    /// <summary>Runs a verb that must fail with a message and no stack trace.</summary>
    /// <returns>Its error output.</returns>
    protected async Task<string> FailAsync(int expected, params string[] arguments)
    {
        (int code, string output, string error) = await ExecuteAsync(arguments);
        Assert.True(code == expected, $"{string.Join(' ', arguments)} ended with {code}, expected {expected}:\n{output}\n{error}");
        Assert.StartsWith("managed-nvmet: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        return error;
    }

    /// <summary>Runs a verb to its end.</summary>
    protected async Task<(int Code, string Output, string Error)> ExecuteAsync(params string[] arguments)
    {
        ServerProcess verb = Prepare(arguments);
        verb.Environment["MANAGED_NVMET_SERVER"] = "";
        verb.Launch();
        int code = await verb.WaitForExitAsync();
        return (code, verb.Output, verb.Error);
    }

    internal static async Task<string> RefusalAsync(ServerProcess server, int exitCode)
    {
        server.Launch();
        int actual = await server.WaitForExitAsync();
        string[] lines = server.Error.TrimEnd('\n').Split('\n');
        Assert.True(actual == exitCode && lines.Length == 1, $"Exit code {actual}, expected {exitCode}:\n{server.Output}\n{server.Error}");
        Assert.StartsWith("managed-nvmet: ", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output + server.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter '", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", lines[0], StringComparison.Ordinal);
        return lines[0];
    }

    internal Task<InitiatorController> ConnectAsync(ServerProcess server, Func<InitiatorOptions, InitiatorOptions>? change = null) =>
        ConnectAsync(server.EndPoint, Nqn.Parse(server.SubsystemNqn), change);

    internal async Task<InitiatorController> ConnectAsync(
        System.Net.IPEndPoint endPoint, Nqn subsystemNqn, Func<InitiatorOptions, InitiatorOptions>? change = null)
    {
        _hostContext ??= new ShardContext(_hostShard.Value);
        var options = new InitiatorOptions { EndPoint = endPoint, SubsystemNqn = subsystemNqn, Shards = [_hostContext] };
        InitiatorController host = await InitiatorController.ConnectAsync(change is null ? options : change(options));
        _hosts.Add(host);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess server in _servers)
            await server.DisposeAsync();
        foreach (InitiatorController host in _hosts)
            await host.DisposeAsync();
        if (_hostShard.IsValueCreated)
            await _hostShard.Value.DisposeAsync();
        await CleanUpAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Creates a sparse file in the folder and returns its path.</summary>
    protected string MakeFile(string name, long bytes)
    {
        string path = Path.Combine(Folder, name);
        using FileStream file = File.Create(path);
        file.SetLength(bytes);
        return path;
    }

    protected virtual Task CleanUpAsync() => Task.CompletedTask;

}
