using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.Server.Tests;

public sealed class OutputTests : ServerTest
{
    private static readonly Nqn Nqn = ManagedNvmet.Nqn.Parse("nqn.2026-11.com.example:output");

    [Fact]
    public async Task Who_closes_its_output_after_a_line_does_not_end_it()
    {
        IPEndPoint endPoint = FreeEndPoint();
        ServerProcess server = PrepareUnread(endPoint, "Debug");
        server.Launch();
        Assert.NotNull(await server.Process.StandardOutput.ReadLineAsync());
        server.Process.StandardOutput.Close();

        await ConnectPatientlyAsync(server, endPoint);
        await ConnectAndLeaveAsync(endPoint, 10);
        await ConnectPatientlyAsync(server, endPoint);

        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("", server.Error);
    }

    [Fact]
    public async Task Output_that_nobody_reads_does_not_hold_up_hosts_nor_a_stop()
    {
        IPEndPoint endPoint = FreeEndPoint();
        ServerProcess server = PrepareUnread(endPoint, "Debug");
        server.Launch();
        await ConnectPatientlyAsync(server, endPoint);

        // Each connection causes a log line, in total more than the pipe and the log's queue hold.
        await ConnectAndLeaveAsync(endPoint, 6000);
        InitiatorController host = await ConnectPatientlyAsync(server, endPoint);
        (await host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(BlockSize))).Require("Read");

        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Output_that_takes_nothing_from_the_start_does_not_hold_up_hosts_nor_a_stop()
    {
        IPEndPoint endPoint = FreeEndPoint();
        string[] full = ["sh", "-c", "dd if=/dev/zero of=/dev/stdout oflag=nonblock 2>/dev/null; exec \"$0\" \"$@\""];
        ServerProcess server = PrepareUnread(endPoint, "Debug", full);
        await ServesAndStopsAsync(server, endPoint);
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    public async Task A_standard_error_that_takes_nothing_does_not_change_the_exit_code(string redirection)
    {
        (int exitCode, _) = await Machine.RunAsync("sh", "-c", $"\"$0\" --namespace /nothing {redirection}", ServerProcess.Binary);

        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task A_full_disk_behind_its_output_does_not_keep_it_from_serving()
    {
        IPEndPoint endPoint = FreeEndPoint();
        ServerProcess server = PrepareUnread(endPoint, "Debug", ["sh", "-c", "exec \"$0\" \"$@\" >/dev/full"]);
        await ServesAndStopsAsync(server, endPoint);
    }

    private async Task ServesAndStopsAsync(ServerProcess server, IPEndPoint endPoint)
    {
        server.Launch();

        await ConnectPatientlyAsync(server, endPoint);
        await ConnectAndLeaveAsync(endPoint, 10);
        await ConnectPatientlyAsync(server, endPoint);

        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("", server.Error);
    }

    private ServerProcess PrepareUnread(IPEndPoint endPoint, string logLevel, params string[] wrapper)
    {
        string[] arguments = ["--namespace", "mem:1M", "--listen", $"{endPoint}", "--nqn", Nqn.Text, "--log-level", logLevel];
        return Prepare(new ServerProcess(Folder, arguments) { ReadsOutput = false, Wrapper = wrapper });
    }

    private async Task<InitiatorController> ConnectPatientlyAsync(ServerProcess server, IPEndPoint endPoint)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await ConnectAsync(endPoint, Nqn);
            }
            catch (InitiatorException) when (attempt < 500 && !server.HasExited)
            {
                // The server does not listen yet.
                await Task.Delay(20);
            }
        }
    }

    private static async Task ConnectAndLeaveAsync(IPEndPoint endPoint, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(endPoint);
        }
    }

    // Chooses a port below the ephemeral range, so that no outgoing connection takes it.
    private static IPEndPoint FreeEndPoint()
    {
        while (true)
        {
            var endPoint = new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(20000, 30000));
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(endPoint);
                return endPoint;
            }
            catch (SocketException)
            {
                // The port is in use; tries another one.
            }
        }
    }
}
