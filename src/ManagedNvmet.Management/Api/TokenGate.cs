using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ManagedNvmet.Management.Api;

/// <summary>Lets requests pass that came by the Unix socket, whose file rights are the access control, or that carry the token.</summary>
internal static class TokenGate
{
    public static void Use(WebApplication app, AccessToken? token)
    {
        app.Use((context, next) =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            bool isLocal = context.Features.Get<UnixSocketMark>() is not null;
            bool isOpen = context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null;

            // Without a token there is mutual TLS: the hand-shake has let in whom the authority vouches for.
            if (isLocal || isOpen || token is null || token.IsCarriedBy(context.Request.Headers.Authorization))
                return next(context);
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return TypedResults.Problem(
                "The request carries no token, or a wrong one; send 'Authorization: Bearer TOKEN' with the content of the server's "
                + "--management-token-file.",
                statusCode: StatusCodes.Status401Unauthorized,
                title: "A token is needed").ExecuteAsync(context);
        });
    }
}
