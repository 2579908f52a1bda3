using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Mono.Unix.Native;

namespace ManagedNvmet.Management.Api;

/// <summary>Describes who sent a request, for the log and the history of the configuration.</summary>
internal static class Requester
{
    private const int MaxNameLength = 64;

    /// <summary>User and process for the Unix socket, as the kernel reports them; token or certificate, and address, for TCP.</summary>
    public static string Of(HttpContext context)
    {
        if (context.Features.Get<UnixSocketPeer>() is { } peer)
            return peer.UserId is { } user ? $"uid {user}{NameOf(user)}, pid {peer.ProcessId}" : "a user of the management socket";
        string address = context.Connection.RemoteIpAddress is { } ip
            ? new IPEndPoint(ip, context.Connection.RemotePort).ToString()
            : "an unknown address";
        string? subject = context.Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return subject is null ? $"the management token, from {address}" : $"certificate \"{Printable(subject)}\", from {address}";
    }

    private static string NameOf(uint user) => Syscall.getpwuid(user)?.pw_name is { Length: > 0 } name ? $" ({Printable(name)})" : "";

    // A certificate's subject is text of somebody else: it must not forge or lengthen a log line.
    private static string Printable(string text) =>
        string.Concat(text.Take(MaxNameLength).Select(c => char.IsControl(c) || c == '"' ? '?' : c));
}
