using Microsoft.AspNetCore.Builder;

namespace ManagedNvmet.Management.Api;

/// <summary>Endpoint metadata: the response contains nothing confidential, so requests need no token.</summary>
internal sealed class NoTokenRequired
{
    public static readonly NoTokenRequired Instance = new();
}

/// <summary>Adds <see cref="NoTokenRequired"/> to endpoints.</summary>
internal static class NoTokenRequiredExtensions
{
    public static TBuilder AllowWithoutToken<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(NoTokenRequired.Instance);
}
