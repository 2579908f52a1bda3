using Microsoft.AspNetCore.Builder;

namespace ManagedNvmet.Management.Api;

/// <summary>Marks what tells nothing that has to be kept, and so may be asked for without a token.</summary>
internal sealed class OpenToAll
{
    public static readonly OpenToAll Mark = new();
}

/// <summary>Sets the mark.</summary>
internal static class OpenToAllExtensions
{
    public static TBuilder AllowWithoutToken<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(OpenToAll.Mark);
}
