using ManagedNvmet.Initiator;
using ManagedNvmet.Target.Refusals;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Configuration changes of a running server with connected hosts.</summary>
public sealed class ApplyTests : IDisposable
{
    private static readonly Nqn A = Nqn.Parse("nqn.2026-11.com.example:a");
    private static readonly Nqn B = Nqn.Parse("nqn.2026-11.com.example:b");
    private static readonly Nqn Host1 = Nqn.Parse("nqn.2026-11.com.example:host1");
    private static readonly Nqn Host2 = Nqn.Parse("nqn.2026-11.com.example:host2");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Subsystems_and_namespaces_come_and_go_and_others_keep_their_hosts()
    {
        TargetConfiguration first = Of(Subsystem(A, Namespace(1, "mem:1M")));
        await using RunningServer server = await RunningServer.StartAsync(first, _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);
        await HostBlocks.WriteAsync(host, 1, 7);

        await server.ApplyAsync(Of(Subsystem(A, Namespace(1, "mem:1M"), Namespace(2, "null:8M")), Subsystem(B, Namespace(1, "mem:2M"))));
        await using InitiatorController other = await server.ConnectAsync(B);
        await HostBlocks.WriteAsync(other, 1, 9);

        Assert.Equal(7, await HostBlocks.ReadAsync(host, 1));
        Assert.Equal(0, await HostBlocks.ReadAsync(host, 2));
        Assert.Equal([A, B], server.Server.Subsystems.Select(subsystem => subsystem.Nqn));

        await server.ApplyAsync(Of(Subsystem(A, Namespace(1, "mem:1M"))));

        Assert.Equal(7, await HostBlocks.ReadAsync(host, 1));
        await GoneAsync(other);
        Assert.Single(server.Server.Namespaces);
    }

    [Fact]
    public async Task A_host_that_may_not_any_more_is_sent_away_and_the_other_stays()
    {
        TargetConfiguration both = Of(Subsystem(A, Namespace(1, "mem:1M")) with { AllowAnyHost = false, AllowedHosts = [Host1, Host2] });
        await using RunningServer server = await RunningServer.StartAsync(both, _folder.Path);
        await using InitiatorController stays = await server.ConnectAsync(A, Host1);
        await using InitiatorController goes = await server.ConnectAsync(A, Host2);

        await server.ApplyAsync(Of(Subsystem(A, Namespace(1, "mem:1M")) with { AllowAnyHost = false, AllowedHosts = [Host1] }));

        await GoneAsync(goes);
        Assert.Equal(0, await HostBlocks.ReadAsync(stays, 1));
        await Assert.ThrowsAsync<InitiatorException>(() => server.ConnectAsync(A, Host2));
    }

    [Fact]
    public async Task Masks_and_read_only_hosts_are_in_force_from_the_first_moment()
    {
        TargetConfiguration masked = Of(
            Subsystem(A, Namespace(1, "mem:1M") with { VisibleTo = [Host1] }, Namespace(2, "mem:1M") with { ReadOnlyFor = [Host2] }));
        await using RunningServer server = await RunningServer.StartAsync(Of(), _folder.Path);
        await server.ApplyAsync(masked);
        await using InitiatorController sees = await server.ConnectAsync(A, Host1);
        await using InitiatorController sees2 = await server.ConnectAsync(A, Host2);

        Assert.Equal(0, await HostBlocks.ReadAsync(sees, 1));
        Assert.False((await sees2.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(512))).Status.IsSuccess);
        CommandResult refused = await sees2.WriteAsync(0, 2, 0, 1, InitiatorController.AllocatePinned(512));
        Assert.True(refused.Status.IsSameCode(NvmeStatus.NamespaceWriteProtected));
        await HostBlocks.WriteAsync(sees, 2, 3);

        await server.ApplyAsync(Of(Subsystem(A, Namespace(1, "mem:1M"), Namespace(2, "mem:1M"))));

        Assert.Equal(0, await HostBlocks.ReadAsync(sees2, 1));
        await HostBlocks.WriteAsync(sees2, 2, 4);
    }

    [Fact]
    public async Task A_disk_is_reopened_in_place_when_its_options_change()
    {
        string disk = _folder.MakeFile("disk.img");
        await using RunningServer server = await RunningServer.StartAsync(
            Of(Subsystem(A, Namespace(1, disk), Namespace(2, "mem:1M"))), _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);
        await HostBlocks.WriteAsync(host, 1, 5);
        await HostBlocks.WriteAsync(host, 2, 6);

        await server.ApplyAsync(Of(Subsystem(A, Namespace(1, disk) with { IsReadOnly = true }, Namespace(2, "mem:1M"))));

        Assert.Equal(5, await HostBlocks.ReadAsync(host, 1));
        CommandResult written = await host.WriteAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(512));
        Assert.True(written.Status.IsSameCode(NvmeStatus.NamespaceWriteProtected));
        Assert.Equal(6, await HostBlocks.ReadAsync(host, 2));
    }

    [Fact]
    public async Task A_disk_moves_to_another_subsystem_with_its_identity()
    {
        string disk = _folder.MakeFile("disk.img");
        await using RunningServer server = await RunningServer.StartAsync(Of(Subsystem(A, Namespace(1, disk)), Subsystem(B)), _folder.Path);
        NamespaceIdentity identity = server.Server.Namespaces[0].Namespace.Identity;

        await server.ApplyAsync(Of(Subsystem(A), Subsystem(B, Namespace(4, disk))));

        Assert.Equal(identity, Assert.Single(server.Server.Namespaces).Namespace.Identity);
        Assert.Equal((B, 4u), (server.Server.NamespaceStates[0].Subsystem, server.Server.NamespaceStates[0].Id));
    }

    [Theory]
    [InlineData("mem:1M")]
    [InlineData("null:1M")]
    public async Task A_namespace_without_a_disk_keeps_its_identity_when_its_options_change(string device)
    {
        await using RunningServer server = await RunningServer.StartAsync(Of(Subsystem(A, Namespace(1, device))), _folder.Path);
        NamespaceIdentity identity = server.Server.Namespaces[0].Namespace.Identity;

        await server.ApplyAsync(Of(Subsystem(A, Namespace(1, device) with { IsReadOnly = true })));

        Assert.Equal(identity, server.Server.Namespaces[0].Namespace.Identity);
        Assert.True(server.Server.Namespaces[0].Namespace.IsWriteProtected);
    }

    [Fact]
    public async Task A_UUID_moves_with_the_data_to_another_disk()
    {
        Guid uuid = Guid.Parse("43c4260a-826b-475d-9b42-883b4258f53f");
        NamespaceConfiguration old = Namespace(1, _folder.MakeFile("old.img")) with { Uuid = uuid };
        await using RunningServer server = await RunningServer.StartAsync(Of(Subsystem(A, old)), _folder.Path);

        await server.ApplyAsync(Of(Subsystem(A, old with { Device = _folder.MakeFile("new.img") })));

        Assert.Equal(uuid, Assert.Single(server.Server.Namespaces).Namespace.Identity.Uuid);
    }

    [Fact]
    public async Task What_cannot_be_had_leaves_everything_as_it_was()
    {
        string disk = _folder.MakeFile("disk.img");
        TargetConfiguration first = Of(Subsystem(A, Namespace(1, disk), Namespace(2, "mem:1M")));
        await using RunningServer server = await RunningServer.StartAsync(first, _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);
        await HostBlocks.WriteAsync(host, 1, 5);
        string etag = server.Server.ETag;

        // The last step fails after a disk was reopened, a port moved and a subsystem added.
        TargetConfiguration wanted = Of(
            Subsystem(A, Namespace(1, disk) with { IsReadOnly = true }, Namespace(2, "mem:1M")),
            Subsystem(B, Namespace(1, Path.Combine(_folder.Path, "nothing.img"))));
        ApplyResult result = await server.Server.ApplyAsync(wanted with { Ports = [Port(1, "127.0.0.2")] }, null, CancellationToken.None);

        Assert.Equal(ApplyOutcome.Failed, result.Outcome);
        Assert.Contains("nothing.img does not exist", result.Reason, StringComparison.Ordinal);
        Assert.Equal(etag, server.Server.ETag);
        Assert.Equal(first.Normalize(), server.Server.Configuration);
        Assert.Equal(5, await HostBlocks.ReadAsync(host, 1));
        await HostBlocks.WriteAsync(host, 1, 6);
        await using InitiatorController again = await server.ConnectAsync(A);
        Assert.Equal(6, await HostBlocks.ReadAsync(again, 1));
    }

    [Fact]
    public async Task Two_writers_that_saw_the_same_do_not_lose_each_others_change()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of(Subsystem(A)), _folder.Path);
        string seen = server.Server.ETag;

        ApplyResult[] results = await Task.WhenAll(
            server.Server.ApplyAsync(Of(Subsystem(A, Namespace(1, "mem:1M"))), seen, CancellationToken.None),
            server.Server.ApplyAsync(Of(Subsystem(A, Namespace(2, "mem:1M"))), seen, CancellationToken.None));

        ApplyResult lost = Assert.Single(results, result => result.Outcome == ApplyOutcome.Conflict);
        ApplyResult won = Assert.Single(results, result => result.Outcome == ApplyOutcome.Applied);
        Assert.Equal(won.ETag, server.Server.ETag);
        Assert.Contains("somebody else changed it", lost.Reason, StringComparison.Ordinal);
        Assert.Single(server.Server.Namespaces);
    }

    [Fact]
    public async Task A_rollback_returns_to_any_of_the_last_ten()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of(Subsystem(A)), _folder.Path);
        for (uint id = 1; id <= 12; id++)
            await server.ApplyAsync(Of(Subsystem(A, Namespace(id, "mem:1M"))));

        Assert.Equal(11, server.Server.History.Count);
        Assert.True((await server.Server.RollbackAsync(null, CancellationToken.None)).IsSuccess);
        Assert.Equal(11u, Assert.Single(server.Server.Namespaces).Namespace.Id);
        Assert.True((await server.Server.RollbackAsync(server.Server.History[^1].Number, CancellationToken.None)).IsSuccess);
        Assert.Equal(3u, Assert.Single(server.Server.Namespaces).Namespace.Id);
        ApplyResult unknown = await server.Server.RollbackAsync(1000, CancellationToken.None);
        Assert.StartsWith("There is no configuration 1000 in the history; there are ", unknown.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_again_is_no_change()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of(Subsystem(A)), _folder.Path);

        Assert.Equal(ApplyOutcome.Unchanged, (await server.ApplyAsync(Of(Subsystem(A)))).Outcome);
        Assert.Single(server.Server.History);
    }

    [Fact]
    public async Task Without_a_port_nobody_stays_connected()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of(Subsystem(A, Namespace(1, "mem:1M"))), _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);

        await server.ApplyAsync(Of(Subsystem(A, Namespace(1, "mem:1M"))) with { Ports = [] });

        await GoneAsync(host);
    }

    [Fact]
    public async Task A_changed_file_is_carried_out_and_an_unsound_one_changes_nothing()
    {
        string file = Path.Combine(_folder.Path, "config.json");
        ConfigurationFile.Save(file, Of(Subsystem(A)));
        await using RunningServer server = await RunningServer.StartAsync(Of(), _folder.Path, options => options.ConfigurationPath = file);

        ConfigurationFile.Save(file, Of(Subsystem(A, Namespace(1, "mem:1M"))));
        ApplyResult? changed = await server.Server.ReloadAsync(CancellationToken.None);
        File.WriteAllText(file, "{ \"subsystems\": [ { } ] }");
        ApplyResult? unsound = await server.Server.ReloadAsync(CancellationToken.None);

        Assert.Equal(ApplyOutcome.Applied, changed!.Outcome);
        Assert.Null(unsound);
        Assert.Single(server.Server.Namespaces);
    }

    [Fact]
    public async Task A_live_change_is_written_to_the_file_and_is_there_after_a_restart()
    {
        string file = Path.Combine(_folder.Path, "config.json");
        ConfigurationFile.Save(file, Of(Subsystem(A)));
        await using (RunningServer server = await RunningServer.StartAsync(Of(), _folder.Path, options => options.ConfigurationPath = file))
            await server.ApplyAsync(Of(Subsystem(A, Namespace(1, "mem:1M"))));

        await using RunningServer again = await RunningServer.StartAsync(Of(), _folder.Path, options => options.ConfigurationPath = file);

        Assert.Single(again.Server.Namespaces);
        Assert.Equal(2, again.Server.History.Count);
        Assert.True((await again.Server.RollbackAsync(null, CancellationToken.None)).IsSuccess);
        Assert.Empty(ConfigurationFile.Load(file).Configuration!.Subsystems[0].Namespaces);
    }

    [Fact]
    public async Task A_host_with_a_key_is_refused_with_what_to_do_until_its_key_is_removed()
    {
        SubsystemConfiguration subsystem = Subsystem(A) with { AllowAnyHost = false, AllowedHosts = [Host1] };
        TargetConfiguration wanted = Of(subsystem);
        await using RunningServer server = await RunningServer.StartAsync(
            wanted with { Hosts = [new HostConfiguration { Nqn = Host1, KeyReference = "host key" }] }, _folder.Path);

        await Assert.ThrowsAsync<InitiatorException>(() => server.ConnectAsync(A, Host1));
        Refusal refusal = Assert.Single(server.Server.Target.Refusals.Read(), each => each.HostNqn == Host1.Text);
        await server.ApplyAsync(wanted);
        await using InitiatorController host = await server.ConnectAsync(A, Host1);

        Assert.Equal(RefusalReason.AuthenticationUnsupported, refusal.Reason);
        Assert.Contains("cannot authenticate hosts", refusal.Detail, StringComparison.Ordinal);
        Assert.Contains("remove its key", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_leaves_the_old_state()
    {
        string inner = Directory.CreateDirectory(Path.Combine(_folder.Path, "etc")).FullName;
        string file = Path.Combine(inner, "config.json");
        ConfigurationFile.Save(file, Of(Subsystem(A)));
        await using RunningServer server = await RunningServer.StartAsync(Of(), _folder.Path, options => options.ConfigurationPath = file);
        Directory.Delete(inner, recursive: true);

        ApplyResult result = await server.Server.ApplyAsync(Of(Subsystem(A, Namespace(1, "mem:1M"))), null, CancellationToken.None);

        Assert.Equal(ApplyOutcome.Failed, result.Outcome);
        Assert.Contains("config.json cannot be written", result.Reason, StringComparison.Ordinal);
        Assert.Empty(server.Server.Namespaces);
        Assert.Single(server.Server.History);
    }

    private static TargetConfiguration Of(params SubsystemConfiguration[] subsystems) => new()
    {
        Subsystems = subsystems.ToConfigurationList(),
        Ports = [Port(1, "127.0.0.1") with { Subsystems = subsystems.Select(subsystem => subsystem.Nqn).ToConfigurationList() }],
    };

    private static PortConfiguration Port(ushort id, string address) => new() { Id = id, Address = address, ServiceId = 0 };

    private static SubsystemConfiguration Subsystem(Nqn nqn, params NamespaceConfiguration[] namespaces) =>
        new() { Nqn = nqn, AllowAnyHost = true, Namespaces = namespaces.ToConfigurationList() };

    private static NamespaceConfiguration Namespace(uint id, string device) => new() { Id = id, Device = device };

    private static async Task GoneAsync(InitiatorController host)
    {
        Memory<byte> data = InitiatorController.AllocatePinned(512);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (!(await host.ReadAsync(0, 1, 0, 1, data)).Status.IsSuccess)
                    return;
            }
            catch (InitiatorException)
            {
                return;
            }
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "The host stays connected.");
        }
    }
}
