using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Server.Tests;

/// <summary>What a verb says when its server, its output or its arguments fail: one line, and never an unhandled exception.</summary>
public sealed class VerbErrorTests : ServerTest
{
    [Fact]
    public async Task A_server_that_accepts_and_never_answers_ends_a_verb_with_3()
    {
        string path = Path.Combine(Folder, "mute.sock");
        using var mute = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        mute.Bind(new UnixDomainSocketEndPoint(path));
        mute.Listen(5);

        string line = await RefusalAsync(3, "status", "--server", path);

        Assert.Contains($"The server at {path} did not answer within 10 s", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none of this version of managed-nvmet", "[1]")]
    [InlineData("none of this version of managed-nvmet", "hello")]
    public async Task An_answer_of_another_program_is_explained(string sentence, string body)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        Task answering = AnswerAsync(other, body);

        string line = await RefusalAsync(1, "status", "--server", $"http://{other.LocalEndpoint}");

        Assert.Contains(sentence, line, StringComparison.Ordinal);
        await answering;
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("status", "--help")]
    [InlineData("status")]
    [InlineData("sessions", "--json")]
    [InlineData("export")]
    [InlineData("completion", "bash")]
    public async Task Standard_output_on_a_full_disk_is_one_line_and_exit_code_1(params string[] arguments)
    {
        await StartAsync("--namespace", "mem:1M");

        string line = await RefusalAsync(PrepareToFull(arguments), 1);

        Assert.Contains("No space left on device", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--output", "/dev/full")]
    [InlineData]
    public async Task A_trace_onto_a_full_disk_says_so_with_exit_code_1(params string[] output)
    {
        await StartAsync("--namespace", "mem:1M");
        ServerProcess trace = PrepareToFull(["trace", "--duration", "100ms", .. output]);
        trace.Launch();

        Assert.Equal(1, await trace.WaitForExitAsync());
        Assert.StartsWith("managed-nvmet: The trace cannot be written any further: No space left on device",
            trace.Error.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_ends_when_the_program_that_reads_it_has_gone()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        ServerProcess trace = Prepare(new ServerProcess(Folder, ["trace", "--duration", "1h"])
        {
            Wrapper = ["sh", "-c", "\"$0\" \"$@\" | head -c 4 >/dev/null"],
        });
        trace.Launch();
        Task<int> ending = trace.WaitForExitAsync();

        // The trace notices when it has something to write.
        Initiator.InitiatorController host = await ConnectAsync(server);
        while (!ending.IsCompleted)
            (await host.ReadAsync(0, 1, 0, 1, Initiator.InitiatorController.AllocatePinned(BlockSize))).Require("Read");

        Assert.Equal(0, await ending);
    }

    [Fact]
    public async Task Relative_paths_of_the_state_folder_and_of_the_socket_work()
    {
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", "127.0.0.1:0", "--state-directory", "st");
        await server.StartAsync();
        ServerProcess other = Prepare(
            "--namespace", "mem:1M", "--listen", "127.0.0.1:0", "--state-directory", "st2", "--management-socket", "relative.sock");
        await other.StartAsync();

        await SucceedAsync("status", "--server", "st/management.sock");
        await SucceedAsync("status", "--server", "relative.sock");
        Assert.Contains($"  identities  {Path.Combine(Folder, "st")}\n", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relative_state_folder_works_with_management_over_TCP()
    {
        string token = Path.Combine(Folder, "token");
        await File.WriteAllTextAsync(token, "0123456789abcdef0123456789abcdef\n");
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", "127.0.0.1:0", "--state-directory", "st",
            "--management", "127.0.0.1:0", "--management-token-file", "token");
        await server.StartAsync();

        await SucceedAsync("status", "--server", "st/management.sock");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_management_address_that_is_taken_keeps_the_server_from_serving_disks()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string token = Path.Combine(Folder, "token");
        await File.WriteAllTextAsync(token, "0123456789abcdef0123456789abcdef\n");
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", "127.0.0.1:0",
            "--management", taken.LocalEndpoint.ToString()!, "--management-token-file", token);

        string line = await RefusalAsync(server, 1);

        Assert.Contains($"Management cannot listen on {taken.LocalEndpoint}: Address already in use", line, StringComparison.Ordinal);
        Assert.DoesNotContain("is ready", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[::1]:{0}")]
    [InlineData("127.0.0.1:{0}")]
    public async Task Doctor_looks_at_the_port_that_is_typed(string form)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        string address = form.StartsWith('[') ? "::1" : "127.0.0.1";
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", form.StartsWith('[') ? "[::1]:0" : "127.0.0.1:0");
        await server.StartAsync();
        int port = server.EndPoint.Port;

        string found = await SucceedAsync("doctor", string.Format(null, form, port));

        Assert.Contains($"{address}, TCP port {port}.", found, StringComparison.Ordinal);
        Assert.Contains($"nvme connect -t tcp -a {address} -s {port} -n {server.SubsystemNqn}", found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[::1]:")]
    [InlineData("[::1]:0")]
    [InlineData("[::1]:65536")]
    [InlineData("[::1]4420")]
    [InlineData("[::1")]
    [InlineData("[192.0.2.7]:4420")]
    [InlineData("192.0.2.7:x")]
    [InlineData("a b")]
    [InlineData("")]
    public async Task Doctor_refuses_what_is_no_address(string address)
    {
        string line = await RefusalAsync(2, "doctor", address);

        Assert.Contains($"'{address}' is no address; expected such as 192.0.2.7", line, StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(TcpListener listener, string body)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        NetworkStream stream = client.GetStream();
        _ = await stream.ReadAsync(new byte[4096]);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    private ServerProcess PrepareToFull(string[] arguments) =>
        Prepare(new ServerProcess(Folder, arguments) { Wrapper = ["sh", "-c", "exec \"$0\" \"$@\" >/dev/full"] });

    private async Task<string> SucceedAsync(params string[] arguments)
    {
        ServerProcess verb = Prepare(arguments);
        verb.Launch();
        int code = await verb.WaitForExitAsync();
        Assert.True(code == 0, $"{string.Join(' ', arguments)} ended with {code}:\n{verb.Output}\n{verb.Error}");
        return verb.Output;
    }
}
