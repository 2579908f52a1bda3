using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Initiator;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>One change that opens, reopens and moves all kinds of objects. Each test lets it fail at another step.</summary>
public sealed class FailureTests : IDisposable
{
    private static readonly Nqn A = Nqn.Parse("nqn.2026-11.com.example:a");
    private static readonly Nqn B = Nqn.Parse("nqn.2026-11.com.example:b");

    private readonly TemporaryFolder _folder = new();
    private Socket? _occupied;

    /// <summary>The steps that can fail, in the order of the change.</summary>
    public enum FailingStep
    {
        FirstNewDevice,
        LastNewDevice,
        FirstNewAddress,
        LastNewAddress,
        FirstReopenedDevice,
        LastReopenedDevice,
        AddressOfPortThatMoves,
        History,
        File,
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<FailingStep> Steps => [.. Enum.GetValues<FailingStep>()];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_failure_at_any_step_leaves_the_old_state_and_the_change_is_carried_out_when_its_cause_is_gone(FailingStep failing)
    {
        string etc = Directory.CreateDirectory(Path.Combine(_folder.Path, "etc")).FullName;
        string file = Path.Combine(etc, "config.json");
        foreach (string name in (string[])["kept", "reopened1", "reopened2", "new1", "new2"])
            _folder.MakeFile(name);
        TargetConfiguration first = First();
        ConfigurationFile.Save(file, first);
        await using RunningServer server = await RunningServer.StartAsync(first, _folder.Path, options => options.ConfigurationPath = file);
        IPEndPoint[] endPoints = [.. server.Server.EndPoints];
        await using InitiatorController stays = await server.ConnectAsync(A, port: 0);
        await using InitiatorController moves = await server.ConnectAsync(A, port: 1);
        for (uint id = 1; id <= 4; id++)
            await HostBlocks.WriteAsync(stays, id, (byte)(10 + id));
        string etag = server.Server.ETag;
        using Socket free = Listen();
        using Socket taken = Listen();
        int freePort = ((IPEndPoint)free.LocalEndPoint!).Port;
        free.Dispose();
        TargetConfiguration wanted = Wanted(freePort);
        Guid uuid = server.Server.Namespaces[0].Namespace.Identity.Uuid;
        TargetConfiguration broken = Break(wanted, failing, uuid, ((IPEndPoint)taken.LocalEndPoint!).Port, endPoints[1].Port);

        ApplyResult result = await server.Server.ApplyAsync(broken, etag, CancellationToken.None);

        Assert.True(result.Outcome == ApplyOutcome.Failed, $"{result.Outcome}: {result.Reason}");
        Assert.Equal(etag, server.Server.ETag);
        Assert.Equal(first.Normalize(), server.Server.Configuration);
        Assert.Single(server.Server.History);
        Assert.Equal(endPoints, server.Server.EndPoints);
        Assert.Equal([A], server.Server.Subsystems.Select(subsystem => subsystem.Nqn));
        Assert.All(server.Server.NamespaceStates, state => Assert.Null(state.Reason));
        foreach (InitiatorController host in (InitiatorController[])[stays, moves])
        {
            for (uint id = 1; id <= 4; id++)
                Assert.Equal(10 + id, await HostBlocks.ReadAsync(host, id));
        }
        for (int port = 0; port < 2; port++)
        {
            await using InitiatorController again = await server.ConnectAsync(A, port: port);
            await HostBlocks.WriteAsync(again, 3, (byte)(30 + port));
            await HostBlocks.WriteAsync(again, 3, 13);
        }

        Mend(etc);
        taken.Dispose();
        await server.ApplyAsync(wanted);
        Assert.Equal(wanted.Normalize(), server.Server.Configuration);
        Assert.Equal(11u, await HostBlocks.ReadAsync(stays, 1));
        Assert.Equal(13u, await HostBlocks.ReadAsync(stays, 3));
        Assert.False((await stays.WriteAsync(0, 3, 0, 1, InitiatorController.AllocatePinned(512))).Status.IsSuccess);
        await using InitiatorController fresh = await server.ConnectAsync(B, port: 2);
        await HostBlocks.WriteAsync(fresh, 1, 1);
        await HostBlocks.WriteAsync(fresh, 2, 2);
    }

    public static TheoryData<string> Unsound =>
        ["ANA group of a namespace", "ANA group of a port", "limit of a host", "limit of a namespace", "controller identifiers"];

    [Theory]
    [MemberData(nameof(Unsound))]
    public async Task What_the_target_would_refuse_in_the_middle_of_a_change_is_found_before_it_begins(string fault)
    {
        foreach (string name in (string[])["kept", "reopened1", "reopened2"])
            _folder.MakeFile(name);
        await using RunningServer server = await RunningServer.StartAsync(
            First(), _folder.Path, options => options.Limits = options.Limits with { MaxAnaGroups = 4 });
        SubsystemConfiguration a = First().Subsystems[0];
        var negative = new QualityOfServiceConfiguration { ReadIops = -1 };
        var last = new NamespaceConfiguration { Id = 9, Device = "mem:1M" };
        TargetConfiguration wanted = First() with { Subsystems = [a with { Namespaces = a.Namespaces.Skip(1).ToConfigurationList() }] };
        wanted = fault switch
        {
            "ANA group of a namespace" => With(new SubsystemConfiguration { Nqn = B, Namespaces = [last with { AnaGroup = 5 }] }),
            "ANA group of a port" => wanted with
            {
                Ports = [wanted.Ports[0] with { AnaGroups = [new AnaGroupConfiguration { Id = 5 }] }, wanted.Ports[1]],
            },
            "limit of a host" => wanted with { Hosts = [new HostConfiguration { Nqn = B, QualityOfService = negative }] },
            "limit of a namespace" => With(
                new SubsystemConfiguration { Nqn = B, Namespaces = [last with { QualityOfService = negative }] }),
            _ => With(new SubsystemConfiguration { Nqn = B, ControllerIdMin = 0 }),
        };

        ApplyResult result = await server.Server.ApplyAsync(wanted, null, CancellationToken.None);

        Assert.True(result.Outcome == ApplyOutcome.Invalid, $"{result.Outcome}: {result.Reason}");
        Assert.Equal(4, server.Server.Namespaces.Count);
        Assert.Equal(First().Normalize(), server.Server.Configuration);

        TargetConfiguration With(SubsystemConfiguration added) => wanted with { Subsystems = [wanted.Subsystems[0], added] };
    }

    private TargetConfiguration First() => new()
    {
        Subsystems = [new SubsystemConfiguration
        {
            Nqn = A,
            AllowAnyHost = true,
            Namespaces =
                [Disk(1, "kept"), new NamespaceConfiguration { Id = 2, Device = "mem:1M" }, Disk(3, "reopened1"), Disk(4, "reopened2")],
        }],
        Ports = [Port(1, "127.0.0.1", 0, A), Port(2, "127.0.0.2", 0, A)],
    };

    // Two disks are reopened, a new subsystem adds two more, one port moves to another address, and two ports are added.
    private TargetConfiguration Wanted(int freePort)
    {
        TargetConfiguration first = First();
        SubsystemConfiguration old = first.Subsystems[0];
        return first with
        {
            Subsystems =
            [
                old with
                {
                    Namespaces =
                    [
                        old.Namespaces[0],
                        old.Namespaces[1],
                        old.Namespaces[2] with { IsReadOnly = true },
                        old.Namespaces[3] with { IsReadOnly = true },
                    ],
                },
                new SubsystemConfiguration { Nqn = B, AllowAnyHost = true, Namespaces = [Disk(1, "new1"), Disk(2, "new2")] },
            ],
            Ports =
            [
                Port(1, "127.0.0.1", 0, A), Port(2, "127.0.0.3", 0, A), Port(3, "127.0.0.1", freePort, B), Port(4, "127.0.0.4", 0, B),
            ],
        };
    }

    // Makes one step fail. All steps before it succeed.
    private TargetConfiguration Break(TargetConfiguration wanted, FailingStep failing, Guid uuid, int takenPort, int oldPort)
    {
        string etc = Path.Combine(_folder.Path, "etc");
        switch (failing)
        {
            case FailingStep.FirstNewDevice:
                File.Move(Path.Combine(_folder.Path, "new1"), Path.Combine(_folder.Path, "new1.away"));
                return wanted;
            case FailingStep.LastNewDevice:
                File.Move(Path.Combine(_folder.Path, "new2"), Path.Combine(_folder.Path, "new2.away"));
                return wanted;
            case FailingStep.FirstNewAddress:
                return WithPort(2, port => port with { Address = "127.0.0.1", ServiceId = takenPort });
            case FailingStep.LastNewAddress:
                return WithPort(4, port => port with { Address = "127.0.0.1", ServiceId = takenPort });

            // The UUID belongs to another disk. The server notices that only when it has closed the disk and opened it again.
            case FailingStep.FirstReopenedDevice:
                return WithDisk(3);
            case FailingStep.LastReopenedDevice:
                return WithDisk(4);

            // The removed port uses the TCP port, so that the server binds it last. Another program uses the address.
            case FailingStep.AddressOfPortThatMoves:
                _occupied = Listen(oldPort);
                return WithPort(2, port => port with { Address = "127.0.0.1", ServiceId = oldPort });
            case FailingStep.History:
                string kept = HistoryFolder();
                Directory.Move(kept, kept + ".away");
                File.WriteAllText(kept, "");
                return wanted;
            case FailingStep.File:
                Directory.Move(etc, etc + ".away");
                return wanted;
            default:
                throw new ArgumentOutOfRangeException(nameof(failing), failing, "There is no such step.");
        }

        TargetConfiguration WithPort(ushort id, Func<PortConfiguration, PortConfiguration> change) =>
            wanted with { Ports = wanted.Ports.Select(port => port.Id == id ? change(port) : port).ToConfigurationList() };

        TargetConfiguration WithDisk(uint id)
        {
            SubsystemConfiguration a = wanted.Subsystems[0];
            return wanted with
            {
                Subsystems =
                [
                    a with
                    {
                        Namespaces = a.Namespaces.Select(each => each.Id == id ? each with { Uuid = uuid } : each).ToConfigurationList(),
                    },
                    wanted.Subsystems[1],
                ],
            };
        }
    }

    private void Mend(string etc)
    {
        _occupied?.Dispose();
        foreach (string path in (string[])[Path.Combine(_folder.Path, "new1"), Path.Combine(_folder.Path, "new2")])
        {
            if (File.Exists(path + ".away"))
                File.Move(path + ".away", path);
        }
        if (Directory.Exists(etc + ".away"))
            Directory.Move(etc + ".away", etc);
        string kept = HistoryFolder();
        if (Directory.Exists(kept + ".away"))
        {
            File.Delete(kept);
            Directory.Move(kept + ".away", kept);
        }
    }

    private string HistoryFolder() => Path.Combine(_folder.Path, "history");

    private NamespaceConfiguration Disk(uint id, string name) => new() { Id = id, Device = Path.Combine(_folder.Path, name) };

    private static PortConfiguration Port(ushort id, string address, int tcpPort, Nqn subsystem) =>
        new() { Id = id, Address = address, ServiceId = tcpPort, Subsystems = [subsystem] };

    private static Socket Listen(int port = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }
}
