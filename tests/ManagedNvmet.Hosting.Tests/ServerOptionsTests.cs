using System.Net;
using ManagedNvmet.Backends;
using ManagedNvmet.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace ManagedNvmet.Hosting.Tests;

public sealed class ServerOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("managed-nvmet-hosting-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_host_serves_disks_while_it_runs_and_not_before()
    {
        var services = new ServiceCollection();
        services.AddNvmet(SetSmallServer);
        await using ServiceProvider provider = services.BuildServiceProvider();
        NvmetServer server = provider.GetRequiredService<NvmetServer>();
        IHostedService hosted = Assert.Single(provider.GetServices<IHostedService>());

        Assert.False(server.IsListening);
        await hosted.StartAsync(CancellationToken.None);
        Assert.True(server.IsListening);
        await hosted.StopAsync(CancellationToken.None);
        Assert.False(server.IsListening);
    }

    [Fact]
    public async Task Options_can_use_other_services()
    {
        Nqn name = Nqn.Parse("nqn.2026-12.io.example:from-a-service");
        var services = new ServiceCollection();
        services.AddSingleton(name);
        services.AddNvmet(SetSmallServer);
        services.AddOptions<NvmetServerOptions>().Configure<Nqn>((options, nqn) => options.SubsystemNqn = nqn);
        await using ServiceProvider provider = services.BuildServiceProvider();
        NvmetServer server = provider.GetRequiredService<NvmetServer>();

        await server.StartAsync(CancellationToken.None);

        Assert.Equal(name, server.Subsystem.Nqn);
    }

    [Fact]
    public async Task A_second_call_changes_the_options_of_the_one_server()
    {
        var services = new ServiceCollection();
        services.AddNvmet(SetSmallServer);
        services.AddNvmet(options => options.Namespaces.Add(new NamespaceOptions { Specification = "null:1M" }));
        await using ServiceProvider provider = services.BuildServiceProvider();

        await Assert.Single(provider.GetServices<IHostedService>()).StartAsync(CancellationToken.None);

        Assert.Equal(2, Assert.Single(provider.GetServices<NvmetServer>()).Namespaces.Count);
    }

    [Fact]
    public async Task A_kind_of_namespace_that_is_added_is_served_under_its_scheme_with_an_identity_that_lasts()
    {
        Guid first = await ServeAsync();
        Assert.Equal(first, await ServeAsync());

        async Task<Guid> ServeAsync()
        {
            List<string> opened = [];
            var services = new ServiceCollection();
            services.AddNvmet(SetSmallServer).AddBackend("ram", (spec, _) =>
            {
                opened.Add(spec.Subject);
                return new MemoryDevice(1 << 20, isReadOnly: spec.IsReadOnly);
            });
            services.Configure<NvmetServerOptions>(
                options => options.Namespaces.Add(new NamespaceOptions { Specification = "ram:one,ro" }));
            await using ServiceProvider provider = services.BuildServiceProvider();
            NvmetServer server = provider.GetRequiredService<NvmetServer>();
            await server.StartAsync(CancellationToken.None);
            Assert.Equal(["one"], opened);
            ServedNamespace served = Assert.Single(server.Namespaces, each => each.Name == "ram:one");
            Assert.True(served.Namespace.Properties.IsReadOnly);
            return served.Namespace.Identity.Uuid;
        }
    }

    [Fact]
    public async Task A_configuration_names_a_kind_that_is_added_and_serves_its_disk_once()
    {
        var nqn = Nqn.Parse("nqn.2026-12.io.example:kinds");
        var services = new ServiceCollection();
        services.AddNvmet(options =>
        {
            options.StateFolder = _folder;
            options.ShardCount = 1;
            options.Configuration = Of("ram:one");
        }).AddBackend("ram", (_, _) => new MemoryDevice(1 << 20));
        await using ServiceProvider provider = services.BuildServiceProvider();
        NvmetServer server = provider.GetRequiredService<NvmetServer>();
        await server.StartAsync(CancellationToken.None);
        Assert.Equal("ram:one", Assert.Single(server.Namespaces).Name);

        ApplyResult twice = await server.ApplyAsync(Of("ram:one", "ram:one"), null, CancellationToken.None);
        Assert.False(twice.IsSuccess);
        Assert.Contains("served by namespace 1", twice.Reason, StringComparison.Ordinal);
        Assert.True((await server.ApplyAsync(Of("ram:one", "ram:two"), null, CancellationToken.None)).IsSuccess);

        TargetConfiguration Of(params string[] devices) => new()
        {
            Subsystems =
            [
                new SubsystemConfiguration
                {
                    Nqn = nqn,
                    Namespaces = devices.Select((device, index) => new NamespaceConfiguration { Id = (uint)index + 1, Device = device })
                        .ToConfigurationList(),
                },
            ],
        };
    }

    [Fact]
    public async Task A_server_without_a_disk_says_so_and_does_not_start()
    {
        var services = new ServiceCollection();
        services.AddNvmet(options => options.StateFolder = _folder);
        await using ServiceProvider provider = services.BuildServiceProvider();

        StartupException exception = await Assert.ThrowsAsync<StartupException>(
            () => provider.GetRequiredService<NvmetServer>().StartAsync(CancellationToken.None));

        Assert.Contains("no disk", exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    private void SetSmallServer(NvmetServerOptions options)
    {
        options.StateFolder = _folder;
        options.ShardCount = 1;
        options.Listen.Add(new IPEndPoint(IPAddress.Loopback, 0));
        options.Namespaces.Add(new NamespaceOptions { Specification = "mem:1M" });
    }
}
