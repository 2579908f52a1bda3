using System.Net;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.Server.Tests;

public sealed class HostTests : ServerTest
{
    private const string Allowed = "nqn.2026-11.com.example:allowed";
    private const string Other = "nqn.2026-11.com.example:other";

    [Fact]
    public async Task Only_an_allowed_host_connects_and_one_line_names_the_other_the_reason_and_the_setting()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--allow-host", Allowed);

        var refused = await Assert.ThrowsAsync<InitiatorException>(
            () => ConnectAsync(server, options => options with { HostNqn = Nqn.Parse(Other) }));
        await ConnectAsync(server, options => options with { HostNqn = Nqn.Parse(Allowed) });

        Assert.Contains("Connect of queue 0", refused.Message, StringComparison.Ordinal);
        await server.WaitForOutputAsync(Other);
        string line = Assert.Single(server.Output.Split('\n'), line => line.Contains(Other, StringComparison.Ordinal));
        Assert.Contains(" warning ", line, StringComparison.Ordinal);
        Assert.Contains("allowed_hosts", line, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", line, StringComparison.Ordinal);
        Assert.Contains(server.SubsystemNqn, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_let_in_from_a_network_unless_that_is_asked_for_and_the_summary_says_so()
    {
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", "0.0.0.0:0");
        await server.StartAsync();

        Assert.Contains("hosts       NONE may connect yet: name those that may with --allow-host", server.Output, StringComparison.Ordinal);
        var here = new IPEndPoint(IPAddress.Loopback, server.EndPoint.Port);
        await Assert.ThrowsAsync<InitiatorException>(
            () => ConnectAsync(server, options => options with { EndPoint = here, HostNqn = Nqn.Parse(Other) }));
        await server.WaitForOutputAsync(Other);
    }

    [Fact]
    public async Task A_server_that_is_read_only_refuses_to_write_and_the_file_keeps_its_bytes()
    {
        string path = MakeFile("disk.img", 1 << 20);
        byte[] content = new byte[1 << 20];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        ServerProcess server = await StartAsync("--namespace", path, "--read-only");
        InitiatorController host = await ConnectAsync(server);

        Memory<byte> data = InitiatorController.AllocatePinned(4096);
        CommandResult written = await host.WriteAsync(0, 1, 0, 8, data);
        CommandResult read = await host.ReadAsync(0, 1, 8, 8, data);

        Assert.True(written.Status.IsSameCode(NvmeStatus.NamespaceWriteProtected), $"The status is {written.Status}.");
        Assert.True(read.Status.IsSuccess);
        Assert.True(data.Span.SequenceEqual(content.AsSpan(4096, 4096)));
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(content, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task One_disk_may_be_read_only_beside_one_that_is_not()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M,ro", "--namespace", "mem:1M");
        InitiatorController host = await ConnectAsync(server);
        Memory<byte> data = InitiatorController.AllocatePinned(512);

        Assert.False((await host.WriteAsync(0, 1, 0, 1, data)).Status.IsSuccess);
        Assert.True((await host.WriteAsync(0, 2, 0, 1, data)).Status.IsSuccess);
    }

    [Fact]
    public async Task Names_and_identities_are_the_same_after_a_restart_and_the_data_too()
    {
        string path = MakeFile("disk.img", 1 << 20);
        string[] arguments = ["--namespace", path, "--namespace", "mem:1M", "--namespace", "mem:1M"];
        ServerProcess first = await StartAsync(arguments);
        InitiatorController host = await ConnectAsync(first);
        Memory<byte> data = InitiatorController.AllocatePinned(512);
        data.Span.Fill(0x5A);
        (await host.WriteAsync(0, 1, 7, 1, data)).Require("Write");
        string before = Identities(first);
        byte[] serialBefore = host.Identity[4..24].ToArray();
        Assert.Equal(0, await first.StopAsync());

        ServerProcess second = await StartAsync(arguments);

        Assert.Equal(before, Identities(second));
        InitiatorController again = await ConnectAsync(second);
        Assert.Equal(serialBefore, again.Identity[4..24].ToArray());
        data.Span.Clear();
        (await again.ReadAsync(0, 1, 7, 1, data)).Require("Read");
        Assert.False(data.Span.ContainsAnyExcept((byte)0x5A));
        Assert.Equal(3, before.Split("uuid ").Skip(1).Distinct().Count());
    }

    [Fact]
    public async Task Given_names_are_those_that_hosts_see()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--nqn", Allowed, "--serial", "SN-1");
        InitiatorController host = await ConnectAsync(server);

        Assert.Equal("SN-1", System.Text.Encoding.ASCII.GetString(host.Identity.Span.Slice(4, 20)).TrimEnd());
        Assert.Equal(Allowed, System.Text.Encoding.UTF8.GetString(host.Identity.Span.Slice(768, 256)).TrimEnd('\0'));
    }

    private static string Identities(ServerProcess server)
    {
        int start = server.Output.IndexOf("  subsystem", StringComparison.Ordinal);
        return server.Output[start..server.Output.IndexOf("  listening", StringComparison.Ordinal)];
    }
}
