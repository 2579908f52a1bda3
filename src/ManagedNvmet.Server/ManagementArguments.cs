using System.CommandLine;
using System.Net;
using ManagedNvmet.Management;

namespace ManagedNvmet.Server;

/// <summary>The options that say where management is offered, and to whom.</summary>
internal sealed class ManagementArguments
{
    /// <summary>Names the management socket, for the server and for the verbs; <c>--server</c> is the same option.</summary>
    public const string SocketOption = "--management-socket";

    private const string NoSocket = "none";

    private readonly Option<string?> _socket = new(SocketOption, "--server")
    {
        Description = "Unix socket of the management interface, for the verbs; 'none' for none. Default: management.sock in the state "
            + "folder, or in the service's folder below /run",
        HelpName = "PATH|none",
    };

    private readonly Option<string?> _group = new("--management-group")
    {
        Description = "The group whose members may use the management socket. Default: the group of the process",
        HelpName = "GROUP",
    };

    private readonly Option<string[]> _addresses = new("--management")
    {
        Description = "Also offer management, with its web page, on this address. Needs --management-token-file or --management-client-ca. "
            + "Repeatable",
        HelpName = "ADDRESS:PORT",
    };

    private readonly Option<string?> _token = new("--management-token-file")
    {
        Description = "The token that requests to --management carry, in a file that only its owner may read",
        HelpName = "FILE",
    };

    private readonly Option<string?> _certificate = new("--management-certificate")
    {
        Description = "The certificate of --management for TLS, PEM. Default: plain HTTP",
        HelpName = "FILE",
    };

    private readonly Option<string?> _key = new("--management-key")
    {
        Description = "Its private key, PEM. Default: in the same file",
        HelpName = "FILE",
    };

    private readonly Option<string?> _clientAuthority = new("--management-client-ca")
    {
        Description = "Accept only clients with a certificate issued by this authority, PEM (mutual TLS)",
        HelpName = "FILE",
    };

    private readonly Option<string?> _collector = new("--otlp")
    {
        Description = "Send metrics to this collector by OTLP over gRPC, such as http://127.0.0.1:4317. Default: nowhere",
        HelpName = "URL",
    };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_socket, _group, _addresses, _token, _certificate, _key, _clientAuthority, _collector];

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">An argument is wrong.</exception>
    public ManagementOptions Read(ParseResult result, string stateFolder)
    {
        string? path = result.GetValue(_socket);
        string[] texts = result.GetValue(_addresses) ?? [];
        string? otlp = result.GetValue(_collector);
        if (path is { Length: 0 })
            throw new UsageException("--management-socket is empty, expected a path or 'none'.");
        if (otlp is not null && !(Uri.TryCreate(otlp, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"))
            throw new UsageException($"--otlp is '{OneLine(otlp)}', expected an address such as http://127.0.0.1:4317.");
        if (Array.Find(texts, address => !HasPort(address)) is { } withoutPort)
        {
            throw new UsageException(
                $"--management is '{OneLine(withoutPort)}', expected an address with a port, such as 127.0.0.1:4421 or [::1]:4421.");
        }
        return new ManagementOptions
        {
            SocketPath = path == NoSocket ? null : Path.GetFullPath(path ?? ManagementOptions.DefaultSocketPath(stateFolder)),
            IsSocketRequired = path is not null,
            SocketGroup = result.GetValue(_group),
            EndPoints = [.. texts.Select(IPEndPoint.Parse)],
            TokenFile = result.GetValue(_token),
            CertificateFile = result.GetValue(_certificate),
            CertificateKeyFile = result.GetValue(_key),
            ClientAuthorityFile = result.GetValue(_clientAuthority),
            OtlpEndPoint = otlp is null ? null : new Uri(otlp),
        };
    }

    private static bool HasPort(string address) =>
        IPEndPoint.TryParse(address, out _)
        && (address.StartsWith('[') ? address.Contains("]:", StringComparison.Ordinal) : address.AsSpan().Count(':') == 1);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
