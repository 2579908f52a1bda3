using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ManagedNvmet.Management.Api;

/// <summary>Serves the web page: four resources of the assembly. They contain no data about the server, so they need no token. The page
/// requests the data from the API, with the token that its user enters.</summary>
internal static class PageEndpoints
{
    // Allows only scripts, styles and images of this server, and forbids frames of other pages around this one.
    private const string Policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly (string Path, string Resource, string Type)[] Files =
    [
        ("/", "page.html", "text/html; charset=utf-8"),
        ("/page.css", "page.css", "text/css; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "icon.svg", "image/svg+xml"),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach ((string path, string resource, string type) in Files)
        {
            byte[] content = Read(resource);
            routes.MapGet(path, (HttpContext context) =>
                {
                    context.Response.Headers.ContentSecurityPolicy = Policy;
                    context.Response.Headers.CacheControl = "no-cache";
                    return TypedResults.Bytes(content, type);
                })
                .AllowWithoutToken().ExcludeFromDescription();
        }
    }

    private static byte[] Read(string resource)
    {
        using Stream stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is missing in the assembly.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
