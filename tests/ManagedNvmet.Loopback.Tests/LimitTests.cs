using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Initiator;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Refusals;
using ManagedNvmet.Target.Sessions;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

public class LimitTests : LoopbackTest
{
    [Fact]
    public async Task A_connection_past_the_limit_is_closed_at_once_and_kept_as_a_refusal()
    {
        await using TestServer server = await StartServerAsync(
            "mem:1M", options => options.Limits = new TargetLimits { MaxConnectionsPerAddress = 2 });
        await using InitiatorController host = await server.ConnectAsync();
        using var third = new TcpClient();

        bool isClosed;
        try
        {
            await third.ConnectAsync(server.Server.EndPoints[0]);
            isClosed = await third.GetStream().ReadAsync(new byte[1]) == 0;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            isClosed = true;
        }

        Assert.True(isClosed);
        Refusal refusal = Assert.Single(server.Server.Target.Refusals.Read());
        Assert.Equal((RefusalKind.Connection, RefusalReason.TooManyConnectionsOfAddress), (refusal.Kind, refusal.Reason));
        Assert.Equal(IPAddress.Loopback, refusal.RemoteEndPoint!.Address);
        Assert.Equal(2, server.Server.Target.Connections.Count);
    }

    [Fact]
    public async Task A_session_is_seen_and_can_be_ended()
    {
        await using TestServer server = await StartServerAsync("mem:1M");
        await using InitiatorController host = await server.ConnectAsync();

        Session session = Assert.Single(server.Server.Target.GetSessions());
        Assert.Equal((TestServer.Nqn, ControllerState.Ready, (ushort)1), (session.SubsystemNqn, session.State, session.PortId!.Value));
        Assert.Equal(2, session.Queues.Count);
        Assert.All(session.Queues, queue => Assert.Equal(server.Server.EndPoints[0].ToString(), queue.LocalEndPoint!.ToString()));

        Assert.True(server.Server.Target.EndSession(session.SubsystemNqn, session.ControllerId));
        CommandResult lost;
        do
            lost = await host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(512));
        while (lost.Status.IsSuccess);
        Assert.Equal(3, lost.Status.CodeType);
    }
}
