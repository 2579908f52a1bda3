using System.Diagnostics;
using System.Net;
using ManagedNvmet.Initiator;
using ManagedNvmet.Target.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ManagedNvmet.Hosting.Tests;

/// <summary>An ASP.NET Core application that serves disks on one of its ports.</summary>
public sealed class KestrelTests : IDisposable
{
    private static readonly Nqn Subsystem = Nqn.Parse("nqn.2026-12.io.example:kestrel");

    private readonly string _folder = Directory.CreateTempSubdirectory("managed-nvmet-kestrel-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_host_uses_a_disk_on_one_port_and_a_browser_a_page_on_another()
    {
        await using WebApplication application = Create();
        application.MapGet("/", () => "a page");
        await application.StartAsync();
        IPEndPoint[] endPoints = EndPointsOf(application);
        await using var host = new TestHost();
        await using InitiatorController controller = await host.ConnectAsync(endPoints[1], Subsystem);

        await TestHost.WriteAndReadBackAsync(controller);

        using var browser = new HttpClient();
        Assert.Equal("a page", await browser.GetStringAsync($"http://{endPoints[0]}/"));
        Session session = Assert.Single(application.Services.GetRequiredService<NvmetServer>().Target.GetSessions());
        Assert.All(session.Queues, queue => Assert.Equal(IPAddress.Loopback, queue.RemoteEndPoint!.Address));
    }

    [Fact]
    public async Task A_host_that_nobody_has_named_is_refused()
    {
        await using WebApplication application = Create(options => options.AllowsAnyHost = false);
        await application.StartAsync();
        await using var host = new TestHost();

        await Assert.ThrowsAsync<InitiatorException>(() => host.ConnectAsync(EndPointsOf(application)[1], Subsystem));
    }

    [Fact]
    public async Task The_application_stops_while_a_host_is_connected_and_does_not_wait_for_it()
    {
        await using WebApplication application = Create();
        await application.StartAsync();
        NvmetServer server = application.Services.GetRequiredService<NvmetServer>();
        await using var host = new TestHost();
        await using InitiatorController controller = await host.ConnectAsync(EndPointsOf(application)[1], Subsystem);
        var watch = Stopwatch.StartNew();

        await application.StopAsync();

        Assert.Equal(0, server.ConnectionCount);

        // Kestrel gives up on connections after 30 seconds.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void An_application_whose_server_takes_no_connections_from_it_is_not_built()
    {
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(
            () => Create(options => options.AcceptsPipes = false));

        Assert.Contains(nameof(NvmetServerOptions.AcceptsPipes), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_application_without_a_server_is_not_built()
    {
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => CreateBuilder().Build());

        Assert.Contains("AddNvmet", exception.Message, StringComparison.Ordinal);
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseNvmet());
        });
        return builder;
    }

    private static IPEndPoint[] EndPointsOf(WebApplication application) =>
    [
        .. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => IPEndPoint.Parse(new Uri(address).Authority)),
    ];

    private WebApplication Create(Action<NvmetServerOptions>? configure = null)
    {
        WebApplicationBuilder builder = CreateBuilder();
        builder.Services.AddNvmet(options =>
        {
            options.StateFolder = _folder;
            options.ShardCount = 2;
            options.AcceptsPipes = true;
            options.AllowsAnyHost = true;
            options.SubsystemNqn = Subsystem;
            options.Namespaces.Add(new NamespaceOptions { Specification = "mem:16M" });
            configure?.Invoke(options);
        });
        return builder.Build();
    }
}
