using ManagedNvmet.Backends;
using ManagedNvmet.Backends.Kinds;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet;

/// <summary>Configures the server that <see cref="NvmetServiceCollectionExtensions.AddNvmet"/> adds to a host's services.</summary>
/// <remarks>Extension methods of this class add what a server can use, such as kinds of namespaces.</remarks>
public sealed class NvmetBuilder
{
    internal NvmetBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host that runs the server.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a kind of namespace that a function opens: <c>scheme:NAME</c> in <see cref="NvmetServerOptions.Namespaces"/> and in
    /// the configuration.</summary>
    /// <param name="scheme">The word before the colon, such as <c>s3</c>.</param>
    /// <param name="open">Opens the device of a namespace; it is closed with the namespace. A <see cref="BackendException"/> says why one
    /// cannot be opened.</param>
    public NvmetBuilder AddBackend(string scheme, Func<NamespaceSpec, ILogger, BlockDevice> open) =>
        AddBackend(new DelegateBackend(scheme, open));

    /// <summary>Adds a kind of namespace.</summary>
    public NvmetBuilder AddBackend(BackendKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        Services.Configure<NvmetServerOptions>(options => options.Backends.Add(kind));
        return this;
    }
}
