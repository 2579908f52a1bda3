using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace ManagedNvmet.Server.Tests;

public sealed class SystemdTests : ServerTest
{
    [Fact]
    public async Task As_a_service_it_says_when_it_is_ready_and_when_it_stops()
    {
        using Socket notifications = Listen(out string path);
        ServerProcess server = PrepareService(path, "--namespace", "mem:1M", "--listen", "127.0.0.1:0");
        server.Launch();

        Assert.Equal("READY=1", await ReceiveAsync(notifications));
        await server.WaitForOutputAsync("nvme connect .*\n\n");
        await ConnectAsync(server);
        int exitCode = await server.StopAsync();

        Assert.Equal("STOPPING=1", await ReceiveAsync(notifications));
        Assert.Equal(0, exitCode);
        Assert.Equal(0, notifications.Available);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Into_the_journal_and_only_there_its_log_is_in_the_journals_format(bool isJournal)
    {
        // systemd connects the output of a service to the journal's socket. Here it is a socket that the test reads.
        Assert.SkipUnless(Machine.Has("bash"), "Needs bash, for an output that is a socket.");
        using var journal = new TcpListener(IPAddress.Loopback, 0);
        journal.Start();
        string stream = isJournal ? "$(stat -L -c %d:%i /proc/$$/fd/3)" : "1:1";
        string script =
            $"exec 3>/dev/tcp/127.0.0.1/{((IPEndPoint)journal.LocalEndpoint).Port}; JOURNAL_STREAM={stream} exec \"$0\" \"$@\" >&3";
        ServerProcess server = Prepare(
            new ServerProcess(Folder, ["--namespace", "mem:1M", "--listen", "127.0.0.1:0"]) { Wrapper = ["bash", "-c", script] });
        server.Launch();
        using TcpClient client = await journal.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream());
        while (await reader.ReadLineAsync() is { } line && !line.Contains("nvme connect", StringComparison.Ordinal))
            Assert.False(server.HasExited, server.Error);
        Assert.Equal(0, await server.StopAsync());

        string log = await reader.ReadToEndAsync();
        Assert.Matches(isJournal ? @"\n<6>ManagedNvmet\.NvmetServer\[\d+\] Stopped" : @" info +Stopped", log);
    }

    [Fact]
    public async Task A_service_that_cannot_start_never_says_that_it_is_ready()
    {
        using Socket notifications = Listen(out string path);
        ServerProcess server = PrepareService(path, "--namespace", "/nothing");

        await RefusalAsync(server, 1);

        // The service host also reports that it stops.
        while (notifications.Available > 0)
            Assert.Equal("STOPPING=1", await ReceiveAsync(notifications));
    }

    [Fact]
    public async Task The_command_of_the_unit_starts_and_reports_ready()
    {
        // systemd replaces %S by the folder of all services' state, and $OPTIONS by the words of the variable.
        string[] command = Unit("ExecStart=").Replace("%S", StateHome, StringComparison.Ordinal)
            .Replace("$OPTIONS", "--namespace mem:1M --listen 127.0.0.1:0", StringComparison.Ordinal).Split(' ');
        using Socket notifications = Listen(out string path);
        ServerProcess server = PrepareService(path, command[1..]);
        // A service has neither a home folder nor XDG_STATE_HOME.
        server.Environment["XDG_STATE_HOME"] = "";
        server.Environment["HOME"] = "";
        server.Launch();

        Assert.Equal("notify", Unit("Type="));
        Assert.Equal("READY=1", await ReceiveAsync(notifications));
    }

    [Fact]
    public void The_container_leaves_every_argument_but_the_state_folder_to_its_user()
    {
        string dockerfile = Path.Combine(Path.GetDirectoryName(UnitPath())!, "..", "..", "Dockerfile");

        // Any other option would exclude --config.
        Assert.Contains("ENTRYPOINT [\"/app/managed-nvmet\", \"--state-directory\", \"/state\"]", File.ReadAllLines(dockerfile));
    }

    [Fact]
    public async Task The_unit_is_in_order()
    {
        Assert.SkipUnless(Machine.Has("systemd-analyze"), "systemd-analyze is not installed.");
        string command = Unit("ExecStart=").Split(' ')[0];
        string unit = Path.Combine(Folder, "managed-nvmet.service");
        string text = await File.ReadAllTextAsync(UnitPath());
        await File.WriteAllTextAsync(unit, text.Replace(command, ServerProcess.Binary, StringComparison.Ordinal));

        (int exitCode, string output) = await Machine.RunAsync("systemd-analyze", "verify", "--man=no", unit);

        Assert.SkipWhen(output.Contains("Failed to initialize manager", StringComparison.Ordinal), output);
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain(unit, output, StringComparison.Ordinal);
    }

    private ServerProcess PrepareService(string notifySocket, params string[] arguments)
    {
        ServerProcess server = Prepare(arguments);
        server.Environment["NOTIFY_SOCKET"] = notifySocket;
        return server;
    }

    private Socket Listen(out string path)
    {
        path = Path.Combine(Folder, "notify");
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience);
        byte[] message = new byte[4096];
        int length = await socket.ReceiveAsync(message, patience.Token);
        return Encoding.UTF8.GetString(message, 0, length).TrimEnd('\n');
    }

    private static string Unit(string setting) =>
        File.ReadLines(UnitPath()).Single(line => line.StartsWith(setting, StringComparison.Ordinal))[setting.Length..];

    private static string UnitPath([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "packaging", "systemd", "managed-nvmet.service");
}
