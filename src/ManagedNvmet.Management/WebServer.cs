using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ManagedNvmet.Management.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ManagedNvmet.Management;

/// <summary>The web server of the management interface. The first call of <see cref="StartAsync"/> loads ASP.NET Core.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    // The largest request body is a configuration; one with ten thousand namespaces has a few megabytes.
    private const long MaxRequestBytes = 32 << 20;
    private const int MaxConnections = 256;

    // Extended key usage "client authentication" (RFC 5280).
    private const string ClientAuthenticationUsage = "1.3.6.1.5.5.7.3.2";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;

    private WebServer(WebApplication app) => _app = app;

    /// <summary>TCP addresses on which it listens. Port 0 of the options appears here as the port that the system chose.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; private set; } = [];

    /// <summary>Starts a web server.</summary>
    /// <param name="socket">A Unix socket that already listens, or null. The web server owns it from now on.</param>
    /// <param name="listeners">TCP sockets that already listen. The web server owns them from now on.</param>
    /// <param name="credentials">The token and certificates of TCP clients.</param>
    /// <param name="context">The services of the endpoints.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="StartupException">A socket cannot be used.</exception>
    public static async Task<WebServer> StartAsync(
        Socket? socket,
        IReadOnlyList<Socket> listeners,
        TcpCredentials credentials,
        ManagementContext context,
        CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "managed-nvmet" });
        builder.Services.AddSingleton(context.Loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRouting();
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ProblemJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ManagementJson.Default);
        });
        builder.Services.AddOpenApi("v1", document => document.AddDocumentTransformer((api, _, _) =>
        {
            api.Info.Title = "ManagedNvmet";
            api.Info.Description = "State and control of an NVMe/TCP target.";
            api.Servers?.Clear();
            return Task.CompletedTask;
        }));
        builder.WebHost.UseKestrelCore();
        if (credentials.Certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endPoint =>
            endPoint is UnixDomainSocketEndPoint ? socket! : listeners.First(listener => listener.LocalEndPoint!.Equals(endPoint)));
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, socket, listeners, credentials));

        WebApplication app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRouting();
        TokenGate.Use(app, credentials.Token);
        Map(app, context);
        var server = new WebServer(app);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new StartupException($"The management interface cannot listen: {exception.Message}", exception);
        }
        server.EndPoints = [.. app.Urls.Where(url => !url.Contains("unix:", StringComparison.Ordinal))
            .Select(url => IPEndPoint.Parse(url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..]))];
        return server;
    }

    /// <summary>Stops the web server and deletes the file of the Unix socket. Aborts requests that are still running after 2 s.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var deadline = new CancellationTokenSource(StopTimeout))
            await _app.StopAsync(deadline.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Configure(KestrelServerOptions kestrel, Socket? socket, IReadOnlyList<Socket> listeners, TcpCredentials credentials)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        if (socket is not null)
        {
            kestrel.ListenUnixSocket(((UnixDomainSocketEndPoint)socket.LocalEndPoint!).ToString(), listen =>
                listen.Use(next => connection =>
                {
                    connection.Features.Set(UnixSocketPeer.Of(connection.Features.Get<IConnectionSocketFeature>()?.Socket));
                    return next(connection);
                }));
        }
        foreach (Socket listener in listeners)
        {
            kestrel.Listen(listener.LocalEndPoint!, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (credentials.Certificate is { } certificate)
                    listen.UseHttps(https => ConfigureTls(https, certificate, credentials.ClientAuthority));
            });
        }
    }

    private static void ConfigureTls(
        HttpsConnectionAdapterOptions https, X509Certificate2 certificate, X509Certificate2Collection? authority)
    {
        https.ServerCertificate = certificate;
        if (authority is null)
            return;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (client, _, errors) =>
        {
            // Accepts certificates of the configured authority only, and ignores the authorities that the system trusts. The chain check
            // below replaces the other errors of the default validation.
            if ((errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
                return false;
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthenticationUsage));
            return chain.Build(client);
        };
    }

    private static void Map(WebApplication app, ManagementContext context)
    {
        RouteGroupBuilder version = app.MapGroup("/v1");
        StatusEndpoints.Map(version, context.View, context.Control, context.Overview, context.Events, context.Settings);
        LiveEndpoints.Map(version, context.Overview, context.Events, app.Lifetime, context.Time);
        TraceEndpoints.Map(version, context.Control, app.Lifetime);
        if (context.Configuration is { } configuration)
            ConfigurationEndpoints.Map(version, configuration);
        HealthEndpoints.Map(app, context.View, context.Metrics);
        PageEndpoints.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    /// <summary>Replaces the default lifetime, which would handle SIGTERM and SIGINT. The host of the process handles them.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
