using ManagedNvmet.Initiator;
using ManagedNvmet.Target.Namespaces;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>A configuration that is exported with its identities, and served elsewhere or applied again.</summary>
public sealed class ExportTests : IDisposable
{
    private static readonly Nqn A = Nqn.Parse("nqn.2026-11.com.example:a");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Another_machine_that_serves_the_export_shows_the_same_serial_number_and_identities()
    {
        TargetConfiguration exported;
        (string, NamespaceIdentity[]) first;
        await using (RunningServer server = await StartAsync("one", Of("mem:1M", _folder.MakeFile("disk.img"))))
        {
            exported = server.Server.Export();
            first = IdentitiesOf(server);
        }

        await using RunningServer other = await StartAsync("two", exported);

        Assert.Equal(first.Item1, IdentitiesOf(other).Serial);
        Assert.Equal(first.Item2, IdentitiesOf(other).Identities);
    }

    [Fact]
    public async Task Without_identities_another_machine_makes_its_own()
    {
        await using RunningServer server = await StartAsync("one", Of("mem:1M"));
        await using RunningServer other = await StartAsync("two", server.Server.Configuration);

        Assert.NotEqual(IdentitiesOf(server).Serial, IdentitiesOf(other).Serial);
    }

    [Fact]
    public async Task To_apply_the_export_to_the_server_that_made_it_touches_no_host()
    {
        await using RunningServer server = await StartAsync("one", Of("mem:1M"));
        await using InitiatorController host = await server.ConnectAsync(A);
        Namespace before = server.Server.Namespaces[0].Namespace;
        TargetConfiguration exported = server.Server.Export();

        ConfigurationPlan plan = server.Server.Plan(exported);
        await server.ApplyAsync(exported);

        Assert.Equal(ChangeImpact.None, plan.Impact);
        Assert.Equal(4, plan.Changes.Count);
        Assert.All(plan.Changes, change => Assert.Equal("the value in force is written down", change.ImpactText));
        Assert.Same(before, server.Server.Namespaces[0].Namespace);
        Assert.True((await host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(512))).Status.IsSuccess);
        Assert.Equal(exported, server.Server.Configuration);
    }

    [Fact]
    public async Task Another_UUID_than_the_one_in_force_replaces_the_namespace()
    {
        await using RunningServer server = await StartAsync("one", Of("mem:1M"));
        TargetConfiguration exported = server.Server.Export();
        SubsystemConfiguration subsystem = exported.Subsystems[0];
        Guid other = Guid.NewGuid();
        TargetConfiguration wanted = exported with
        {
            Subsystems = [subsystem with { Namespaces = [subsystem.Namespaces[0] with { Uuid = other }] }],
        };

        ConfigurationPlan plan = server.Server.Plan(wanted);
        await server.ApplyAsync(wanted);

        Assert.Equal(ChangeImpact.Namespace, plan.Impact);
        Assert.Equal(other, server.Server.Namespaces[0].Namespace.Identity.Uuid);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    public async Task A_plan_says_when_everything_goes(bool keepsSubsystem, bool keepsPort, bool goes)
    {
        TargetConfiguration running = Of("mem:1M");
        await using RunningServer server = await StartAsync("one", running);
        TargetConfiguration wanted = new()
        {
            Subsystems = keepsSubsystem ? running.Subsystems : [],
            Ports = keepsPort ? [running.Ports[0] with { Subsystems = keepsSubsystem ? [A] : [] }] : [],
        };

        ConfigurationPlan plan = server.Server.Plan(wanted);

        Assert.Equal(goes, plan.RemovesEverything);
        const string warning = "Everything goes: no host can use a disk of this server after the change.\n";
        Assert.Equal(goes, plan.ToString().StartsWith(warning, StringComparison.Ordinal));
    }

    private Task<RunningServer> StartAsync(string state, TargetConfiguration configuration) =>
        RunningServer.StartAsync(configuration, Path.Combine(_folder.Path, state));

    private static (string Serial, NamespaceIdentity[] Identities) IdentitiesOf(RunningServer server) =>
        (server.Server.Subsystem.SerialNumber, [.. server.Server.Namespaces.Select(each => each.Namespace.Identity)]);

    private static TargetConfiguration Of(params string[] devices) => new()
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
        Ports = [new PortConfiguration { Id = 1, Address = "127.0.0.1", ServiceId = 0, Subsystems = [A] }],
    };
}
