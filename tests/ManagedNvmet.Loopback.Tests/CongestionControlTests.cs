using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Io.Sockets;
using ManagedNvmet.Transport.Tcp;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

public sealed class CongestionControlTests : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _server;

    public CongestionControlTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _client.Connect(_listener.LocalEndPoint!);
        _server = _listener.Accept();
    }

    private int Fd => (int)_server.Handle;

    [Fact]
    public void A_short_way_is_not_paced_unless_that_was_asked_for()
    {
        Assert.SkipWhen(SocketCalls.SetCongestionControl(Fd, "bbr") < 0, "This kernel has no BBR, or has it for root only.");

        CongestionControl.Choose(Fd, name: null);
        Assert.Contains(SocketCalls.GetCongestionControl(Fd), (string[])["cubic", "reno"]);

        CongestionControl.Choose(Fd, "bbr");
        Assert.Equal("bbr", SocketCalls.GetCongestionControl(Fd));
    }

    [Fact]
    public void Any_other_choice_of_the_system_stays()
    {
        Assert.True(SocketCalls.SetCongestionControl(Fd, "reno") >= 0);

        CongestionControl.Choose(Fd, name: null);
        Assert.Equal("reno", SocketCalls.GetCongestionControl(Fd));

        CongestionControl.Choose(Fd, "no-such-one");
        Assert.Equal("reno", SocketCalls.GetCongestionControl(Fd));
    }

    [Fact]
    public void A_name_that_the_kernel_does_not_have_is_answered_with_those_that_it_has()
    {
        Assert.Null(CongestionControl.FaultOf("reno"));

        string? fault = CongestionControl.FaultOf("rneo");

        Assert.Contains("This kernel has no congestion control 'rneo'; expected one of ", fault);
        Assert.Contains("reno", fault);
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
    }
}
