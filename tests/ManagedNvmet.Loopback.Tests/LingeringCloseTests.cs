using System.Net.Sockets;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>How the server closes a connection.</summary>
public class LingeringCloseTests : LoopbackTest
{
    private static readonly byte[] InitializeRequest = [0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x00, 0x00, .. new byte[120]];

    [Fact]
    public async Task A_host_that_goes_on_sending_after_the_end_of_the_stream_is_not_reset_before_it_closes()
    {
        await using TestServer server = await StartServerAsync("mem:16M");
        using Socket host = await BeginAsync(server);

        Task stopping = server.Server.StopAsync(CancellationToken.None);
        Assert.Equal(0, await host.ReceiveAsync(new byte[1]));

        // The second send after a reset fails with a broken pipe.
        for (int count = 0; count < 5; count++)
        {
            Assert.Equal(InitializeRequest.Length, await host.SendAsync(InitializeRequest));
            Assert.False(host.Poll(1000, SelectMode.SelectError));
        }
        host.Close();
        await stopping;
        Assert.Equal(0, server.Server.ConnectionCount);
    }

    [Fact]
    public async Task A_host_that_never_closes_its_side_does_not_hold_up_the_stop_for_long()
    {
        await using TestServer server = await StartServerAsync("mem:16M");
        using Socket host = await BeginAsync(server);

        await server.Server.StopAsync(CancellationToken.None);

        Assert.Equal(0, server.Server.ConnectionCount);
        Assert.Equal(0, await host.ReceiveAsync(new byte[1]));
    }

    private static async Task<Socket> BeginAsync(TestServer server)
    {
        var host = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await host.ConnectAsync(server.Server.EndPoints[0]);
        await host.SendAsync(InitializeRequest);
        var response = new byte[128];
        for (int received = 0; received < response.Length;)
            received += await host.ReceiveAsync(response.AsMemory(received));
        return host;
    }
}
