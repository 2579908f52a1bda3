using ManagedNvmet;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a server to a host's services.</summary>
public static class NvmetServiceCollectionExtensions
{
    /// <summary>Serves disks over NVMe/TCP as long as the host runs.</summary>
    public static IServiceCollection AddNvmetServer(this IServiceCollection services, Action<NvmetServerOptions> configure)
    {
        var options = new NvmetServerOptions();
        configure(options);
        return services.AddNvmetServer(options);
    }

    /// <summary>Serves disks over NVMe/TCP as long as the host runs.</summary>
    public static IServiceCollection AddNvmetServer(this IServiceCollection services, NvmetServerOptions options)
    {
        services.AddSingleton(provider => new NvmetServer(options, provider.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService<NvmetHostedService>();
        return services;
    }
}
