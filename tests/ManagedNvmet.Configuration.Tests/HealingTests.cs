using System.Diagnostics;
using ManagedNvmet.Initiator;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Starts of a server while a disk, an address or a file is still missing.</summary>
public sealed class HealingTests : IDisposable
{
    private static readonly Nqn A = Nqn.Parse("nqn.2026-11.com.example:a");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_disk_that_comes_later_appears_and_does_not_hold_up_the_others()
    {
        string late = Path.Combine(_folder.Path, "late.img");
        await using RunningServer server = await RunningServer.StartAsync(Of("127.0.0.1", late, "mem:1M"), _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);

        NamespaceStatus waiting = server.Server.NamespaceStates[0];
        Assert.True(waiting.IsWaiting);
        Assert.StartsWith($"{late} does not exist.", waiting.Reason, StringComparison.Ordinal);
        Assert.False((await ReadAsync(host, 1)).Status.IsSuccess);
        Assert.True((await ReadAsync(host, 2)).Status.IsSuccess);
        Assert.True(await server.Server.HealAsync(CancellationToken.None));

        _folder.MakeFile("late.img");
        Assert.False(await server.Server.HealAsync(CancellationToken.None));

        Assert.True((await ReadAsync(host, 1)).Status.IsSuccess);
        Assert.False(server.Server.NamespaceStates[0].IsWaiting);
    }

    [Fact]
    public async Task A_disk_of_a_wrong_kind_is_not_ready_and_says_why()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of("127.0.0.1", _folder.Path, "mem:1M"), _folder.Path);

        Assert.Equal($"{_folder.Path} is a folder; expected a regular file or a block device.", server.Server.NamespaceStates[0].Reason);
        Assert.Single(server.Server.Namespaces);
    }

    [Fact]
    public async Task The_clock_tries_again_by_itself()
    {
        string late = Path.Combine(_folder.Path, "late.img");
        await using RunningServer server = await RunningServer.StartAsync(
            Of("127.0.0.1", late), _folder.Path, options => options.HealInterval = TimeSpan.FromMilliseconds(5));

        _folder.MakeFile("late.img");

        var clock = Stopwatch.StartNew();
        while (server.Server.NamespaceStates[0].IsWaiting && clock.Elapsed < TimeSpan.FromSeconds(60))
            await Task.Yield();
        Assert.False(server.Server.NamespaceStates[0].IsWaiting);
    }

    [Fact]
    public async Task A_change_elsewhere_leaves_alone_what_is_waited_for()
    {
        string late = Path.Combine(_folder.Path, "late.img");
        await using RunningServer server = await RunningServer.StartAsync(Of("127.0.0.1", late), _folder.Path);

        await server.ApplyAsync(Of("127.0.0.1", late, "mem:1M"));

        Assert.Equal([true, false], server.Server.NamespaceStates.Select(each => each.IsWaiting));
    }

    [Fact]
    public async Task An_address_that_is_not_there_is_waited_for()
    {
        // No machine has an address of TEST-NET-2 (198.51.100.0/24).
        await using RunningServer server = await RunningServer.StartAsync(Of("198.51.100.1", "mem:1M"), _folder.Path);

        PortStatus port = Assert.Single(server.Server.PortStates);
        Assert.Null(port.EndPoint);
        Assert.Equal("Cannot listen on 198.51.100.1:0: no interface of this machine has that address.", port.Reason);
        Assert.True(await server.Server.HealAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_interface_that_is_not_there_is_waited_for()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of("fe80::1%nothere9", "mem:1M"), _folder.Path);

        Assert.Contains("Cannot listen on fe80::1%nothere9", Assert.Single(server.Server.PortStates).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_at_start_is_waited_for_and_comes()
    {
        var other = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        other.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        other.Listen();
        TargetConfiguration configuration = Of("127.0.0.1", "mem:1M");
        int taken = ((System.Net.IPEndPoint)other.LocalEndPoint!).Port;
        await using RunningServer server = await RunningServer.StartAsync(
            configuration with { Ports = [configuration.Ports[0] with { ServiceId = taken }] }, _folder.Path);
        Assert.Contains("another program already listens there", server.Server.PortStates[0].Reason, StringComparison.Ordinal);

        other.Dispose();
        Assert.False(await server.Server.HealAsync(CancellationToken.None));

        await using InitiatorController host = await server.ConnectAsync(A);
        Assert.True((await ReadAsync(host, 1)).Status.IsSuccess);
    }

    [Fact]
    public async Task Two_namespaces_that_would_get_one_UUID_are_told_by_name()
    {
        string first = _folder.MakeFile("first.img");
        string second = _folder.MakeFile("second.img");
        Guid uuid;
        await using (RunningServer server = await RunningServer.StartAsync(Of("127.0.0.1", first), _folder.Path))
            uuid = server.Server.Namespaces[0].Namespace.Identity.Uuid;
        TargetConfiguration configuration = Of("127.0.0.1", first, second);
        NamespaceConfiguration copy = configuration.Subsystems[0].Namespaces[1] with { Uuid = uuid };

        await using RunningServer again = await RunningServer.StartAsync(
            configuration with
            {
                Subsystems = [configuration.Subsystems[0] with { Namespaces = [configuration.Subsystems[0].Namespaces[0], copy] }],
            },
            _folder.Path);

        Assert.Contains($"{second} belongs to {first} already", again.Server.NamespaceStates[1].Reason, StringComparison.Ordinal);
        Assert.False(again.Server.NamespaceStates[0].IsWaiting);
    }

    private static TargetConfiguration Of(string address, params string[] devices) => new()
    {
        Subsystems =
        [
            new SubsystemConfiguration
            {
                Nqn = A,
                AllowAnyHost = true,
                Namespaces = devices.Select(
                    (device, index) => new NamespaceConfiguration { Id = (uint)index + 1, Device = device }).ToConfigurationList(),
            },
        ],
        Ports =
        [
            new PortConfiguration
            {
                Id = 1,
                Address = address,
                AddressFamily = address.Contains(':', StringComparison.Ordinal) ? PortAddressFamily.Ipv6 : PortAddressFamily.Ipv4,
                ServiceId = 0,
                Subsystems = [A],
            },
        ],
    };

    private static async Task<CommandResult> ReadAsync(InitiatorController host, uint id) =>
        await host.ReadAsync(0, id, 0, 1, InitiatorController.AllocatePinned(512));
}
