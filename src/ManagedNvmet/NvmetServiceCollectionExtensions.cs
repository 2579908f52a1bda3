using ManagedNvmet;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a server to a host's services.</summary>
public static class NvmetServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="NvmetServer"/> that serves disks over NVMe/TCP while the host runs. A second call adds no second server;
    /// its <paramref name="configure"/> changes the options of the first.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets options. <c>AddOptions&lt;NvmetServerOptions&gt;()</c> does the same, and can use other
    /// services.</param>
    /// <returns>Adds to the server what it can use beside its options.</returns>
    public static NvmetBuilder AddNvmet(this IServiceCollection services, Action<NvmetServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton(static provider => new NvmetServer(
            provider.GetRequiredService<IOptions<NvmetServerOptions>>().Value,
            provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance));
        services.AddHostedService<NvmetHostedService>();
        return new NvmetBuilder(services);
    }
}
