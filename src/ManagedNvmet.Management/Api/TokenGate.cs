using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ManagedNvmet.Management.Api;

/// <summary>Middleware that requires the token on every request over TCP, except on endpoints marked
/// <see cref="NoTokenRequired"/>. Requests through the Unix socket need none: its file permissions control access.</summary>
internal static class TokenGate
{
    public static void Use(WebApplication app, AccessToken? token)
    {
        app.Use((context, next) =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            bool isLocal = context.Features.Get<UnixSocketPeer>() is not null;
            bool isPublic = context.GetEndpoint()?.Metadata.GetMetadata<NoTokenRequired>() is not null;

            // When no token is configured, mutual TLS is: the handshake has already checked the client's certificate.
            if (isLocal || isPublic || token is null || token.Matches(context.Request.Headers.Authorization))
                return next(context);
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return TypedResults.Problem(
                "The request carries no token or a wrong one; send 'Authorization: Bearer TOKEN' with the content of the server's "
                + "--management-token-file.",
                statusCode: StatusCodes.Status401Unauthorized,
                title: "A valid token is required").ExecuteAsync(context);
        });
    }
}
