using Microsoft.Extensions.DependencyInjection;

namespace ManagedNvmet;

/// <summary>Configures the server that <see cref="NvmetServiceCollectionExtensions.AddNvmet"/> adds to a host's services.</summary>
/// <remarks>Extension methods of this class add what a server can use, such as kinds of namespaces.</remarks>
public sealed class NvmetBuilder
{
    internal NvmetBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host that runs the server.</summary>
    public IServiceCollection Services { get; }
}
