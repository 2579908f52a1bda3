using ManagedNvmet;
using ManagedNvmet.Management;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the management interface to a host's services.</summary>
public static class ManagementServiceCollectionExtensions
{
    /// <summary>Adds the management interface of the server that <c>AddNvmet</c> adds. Call this method before <c>AddNvmet</c>: the host
    /// stops its services in reverse order, so that the interface can then report the stop of the server.</summary>
    public static IServiceCollection AddNvmetManagement(this IServiceCollection services, ManagementOptions options)
    {
        var events = new EventLog();
        services.AddSingleton(events);
        services.AddLogging(logging => logging.AddProvider(events).AddFilter<EventLog>(null, LogLevel.Information));
        services.AddSingleton(provider => new TargetView(provider.GetRequiredService<NvmetServer>()));
        services.AddSingleton(provider =>
        {
            TargetView view = provider.GetRequiredService<TargetView>();
            return new ManagementService(options, view, view, provider.GetRequiredService<NvmetServer>(), events,
                provider.GetRequiredService<ILoggerFactory>());
        });
        services.AddHostedService(provider => provider.GetRequiredService<ManagementService>());
        return services;
    }
}
