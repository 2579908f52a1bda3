using System.Net;

namespace ManagedNvmet.Management;

/// <summary>Where the management interface is offered, and to whom.</summary>
public sealed record ManagementOptions
{
    /// <summary>Path of the Unix socket, at most 107 bytes; null for none. Whoever may open it (mode 0660) may do everything.</summary>
    public string? SocketPath { get; init; }

    /// <summary>True when the operator named the socket: then the server does not start without it. The default one is done without, with a
    /// warning, where it cannot be made.</summary>
    public bool IsSocketRequired { get; init; }

    /// <summary>The group that owns the socket; null for the group of the process.</summary>
    public string? SocketGroup { get; init; }

    /// <summary>Addresses to listen on; none by default. They need <see cref="TokenFile"/> or <see cref="ClientAuthorityFile"/>.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; init; } = [];

    /// <summary>A file that only its owner may read, with the token that requests over TCP carry; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The server's certificate for TLS, PEM; null to speak plain HTTP.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key, PEM; null when it is in <see cref="CertificateFile"/>.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>The authority that client certificates have to come from, PEM: mutual TLS. Null to ask for none.</summary>
    public string? ClientAuthorityFile { get; init; }

    /// <summary>Where metrics are sent by OTLP over gRPC, such as http://127.0.0.1:4317; null for nowhere.</summary>
    public Uri? OtlpEndPoint { get; init; }

    /// <summary>The name of the socket in its folder.</summary>
    public const string SocketName = "management.sock";

    /// <summary>The folder of a service's socket.</summary>
    public const string ServiceFolder = "/run/managed-nvmet";

    /// <summary>Where the socket is when nobody says: in the folder that systemd made for the service, or else in the state
    /// folder.</summary>
    public static string DefaultSocketPath(string stateFolder) =>
        Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY")?.Split(':')[0] is { Length: > 0 } runtime
            ? Path.Combine(runtime, SocketName)
            : Path.Combine(stateFolder, SocketName);
}
