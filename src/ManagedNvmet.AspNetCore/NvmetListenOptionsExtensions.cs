using ManagedNvmet;
using ManagedNvmet.AspNetCore;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Serves disks on an endpoint of Kestrel.</summary>
public static class NvmetListenOptionsExtensions
{
    /// <summary>Serves NVMe/TCP on this endpoint instead of HTTP: its connections go to the server that <c>AddNvmet</c> adds. A host that
    /// connects gets every subsystem that its name may use; the discovery log does not list the endpoint.</summary>
    /// <param name="listenOptions">The endpoint.</param>
    /// <returns><paramref name="listenOptions"/>.</returns>
    /// <exception cref="InvalidOperationException">The application has no server, or the server does not take connections from the
    /// application.</exception>
    public static ListenOptions UseNvmet(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        IServiceProvider services = listenOptions.ApplicationServices;
        if (services.GetService<NvmetServer>() is null)
            throw new InvalidOperationException("There is no NVMe server in this application: add one with services.AddNvmet(...).");
        if (!services.GetRequiredService<IOptions<NvmetServerOptions>>().Value.AcceptsPipes)
        {
            throw new InvalidOperationException("The NVMe server takes no connections from this application: set "
                + $"{nameof(NvmetServerOptions)}.{nameof(NvmetServerOptions.AcceptsPipes)}.");
        }
        listenOptions.UseConnectionHandler<NvmetConnectionHandler>();
        return listenOptions;
    }
}
