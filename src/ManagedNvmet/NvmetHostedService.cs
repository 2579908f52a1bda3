using Microsoft.Extensions.Hosting;

namespace ManagedNvmet;

/// <summary>Starts and stops a server with the process that hosts it.</summary>
internal sealed class NvmetHostedService(NvmetServer server) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);
}
