using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Initiator;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Refusals;
using ManagedNvmet.Target.Sessions;
using ManagedNvmet.Transport.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ManagedNvmet.Hosting.Tests;

/// <summary>Connections whose bytes the program carries itself.</summary>
public sealed class AcceptTests : IAsyncLifetime
{
    private static readonly Nqn Subsystem = Nqn.Parse("nqn.2026-12.io.example:accept");

    private readonly string _folder = Directory.CreateTempSubdirectory("managed-nvmet-accept-").FullName;
    private readonly TcpListener _listening = new(IPAddress.Loopback, 0);
    private readonly TestHost _host = new();
    private readonly NvmetServer _server;

    public AcceptTests()
    {
        var options = new NvmetServerOptions
        {
            StateFolder = _folder,
            ShardCount = 2,
            AcceptsPipes = true,
            AllowsAnyHost = true,
            SubsystemNqn = Subsystem,
            Limits = new TargetLimits { MaxConnectionsPerAddress = 3 },
        };
        options.Namespaces.Add(new NamespaceOptions { Specification = "mem:64M" });
        _server = new NvmetServer(options, NullLoggerFactory.Instance);
    }

    private IPEndPoint EndPoint => (IPEndPoint)_listening.LocalEndpoint;

    public async ValueTask InitializeAsync()
    {
        _listening.Start();
        await _server.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _listening.Dispose();
        await _server.DisposeAsync();
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_host_uses_a_disk_over_streams()
    {
        Task<Task>[] connections = [AcceptStreamAsync(), AcceptStreamAsync()];
        await using (InitiatorController controller = await _host.ConnectAsync(EndPoint, Subsystem))
        {
            await TestHost.WriteAndReadBackAsync(controller);
            Session session = Assert.Single(_server.Target.GetSessions());
            Assert.Null(session.PortId);
            Assert.Equal(2, _server.ConnectionCount);
        }

        foreach (Task<Task> accepting in connections)
            await (await accepting).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _server.ConnectionCount);
    }

    [Fact]
    public void A_server_that_takes_pipes_only_listens_nowhere() => Assert.Empty(_server.EndPoints);

    [Fact]
    public async Task Cancellation_sends_the_end_of_the_stream_and_waits_for_that_of_the_host()
    {
        var toServer = new Pipe();
        var toHost = new Pipe();
        using var cancellation = new CancellationTokenSource();
        Task accepted = _server.AcceptAsync(new Ends(toServer.Reader, toHost.Writer), cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        ReadResult end = await toHost.Reader.ReadAsync();
        Assert.True(end.IsCompleted && end.Buffer.IsEmpty);
        await toServer.Writer.CompleteAsync();
        await accepted.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _server.ConnectionCount);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_ends_the_connection_at_once()
    {
        var toServer = new Pipe();
        var toHost = new Pipe();

        Task accepted = _server.AcceptAsync(
            new Ends(toServer.Reader, toHost.Writer),
            new PipeConnectionOptions { FarewellMilliseconds = 0 },
            new CancellationToken(canceled: true));

        await accepted.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.True((await toHost.Reader.ReadAsync()).IsCompleted);
        Assert.True((await toServer.Writer.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task A_peer_that_never_closes_its_side_is_given_up_after_the_farewell()
    {
        var toServer = new Pipe();
        var toHost = new Pipe();
        using var cancellation = new CancellationTokenSource();
        Task accepted = _server.AcceptAsync(
            new Ends(toServer.Reader, toHost.Writer), new PipeConnectionOptions { FarewellMilliseconds = 100 }, cancellation.Token);

        await cancellation.CancelAsync();

        await accepted.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True((await toServer.Writer.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task A_connection_past_the_limit_of_its_address_is_refused_and_both_pipes_are_completed()
    {
        var connection = new PipeConnectionOptions { RemoteEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 1000) };
        for (int count = 0; count < 3; count++)
            _ = _server.AcceptAsync(new Ends(new Pipe().Reader, new Pipe().Writer), connection);
        var toServer = new Pipe();
        var toHost = new Pipe();

        await _server.AcceptAsync(new Ends(toServer.Reader, toHost.Writer), connection);

        Assert.True((await toHost.Reader.ReadAsync()).IsCompleted);
        Assert.True((await toServer.Writer.FlushAsync()).IsCompleted);
        Refusal refusal = Assert.Single(_server.Target.Refusals.Read());
        Assert.Equal(RefusalReason.TooManyConnectionsOfAddress, refusal.Reason);
    }

    [Fact]
    public async Task The_server_writes_a_bounded_amount_and_then_waits_until_the_host_has_taken_it()
    {
        const int bytes = 1024 * 1024;
        Task<Task> admin = AcceptStreamAsync();
        Task<BoundWriter> accepting = AcceptCountedAsync(admin);
        await using InitiatorController controller = await _host.ConnectAsync(EndPoint, Subsystem);

        CommandResult[] results = await Task.WhenAll(Enumerable.Range(0, 16).Select(index => controller.ReadAsync(
            0, 1, (ulong)index * 2048, bytes / 512, InitiatorController.AllocatePinned(bytes)).AsTask()));

        Assert.All(results, result => Assert.True(result.Status.IsSuccess));
        BoundWriter writer = await accepting;
        Assert.Equal(0, writer.WritesDuringFlush);
        Assert.InRange(writer.MostUnflushedBytes, 64 * 1024, 256 * 1024);
    }

    [Fact]
    public async Task A_server_that_was_not_told_to_takes_no_pipes()
    {
        await using var other = new NvmetServer(new NvmetServerOptions(), NullLoggerFactory.Instance);

        await Assert.ThrowsAsync<InvalidOperationException>(() => other.AcceptAsync(new Ends(new Pipe().Reader, new Pipe().Writer)));
    }

    private async Task<Task> AcceptStreamAsync()
    {
        Socket socket = await _listening.AcceptSocketAsync();
        var stream = new NetworkStream(socket, ownsSocket: true);
        return _server.AcceptAsync(
            new Ends(PipeReader.Create(stream), PipeWriter.Create(stream)),
            new PipeConnectionOptions { RemoteEndPoint = (IPEndPoint)socket.RemoteEndPoint! });
    }

    private async Task<BoundWriter> AcceptCountedAsync(Task<Task> admin)
    {
        await admin;
        var stream = new NetworkStream(await _listening.AcceptSocketAsync(), ownsSocket: true);
        var writer = new BoundWriter(PipeWriter.Create(stream));
        _ = _server.AcceptAsync(new Ends(PipeReader.Create(stream), writer));
        return writer;
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
