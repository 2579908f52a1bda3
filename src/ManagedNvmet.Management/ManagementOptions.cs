using System.Net;
using ManagedNvmet.Management.Api;

namespace ManagedNvmet.Management;

/// <summary>Addresses and access control of the management interface.</summary>
public sealed record ManagementOptions
{
    /// <summary>Path of the Unix socket, at most 107 bytes; null for none. The socket has mode 0660; its owner and group have full
    /// control of the server.</summary>
    public string? SocketPath { get; init; }

    /// <summary>True when the operator named the socket: the server then does not start without it. When false and the socket cannot be
    /// created, the server logs a warning and starts without it.</summary>
    public bool IsSocketRequired { get; init; }

    /// <summary>The group that owns the socket; null for the group of the process.</summary>
    public string? SocketGroup { get; init; }

    /// <summary>TCP addresses to listen on; none by default. They require <see cref="TokenFile"/> or
    /// <see cref="ClientAuthorityFile"/>.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; init; } = [];

    /// <summary>Path of a file with mode 600 that holds the token for requests over TCP; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Path of the server's TLS certificate (PEM); null for plain HTTP.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Path of the certificate's private key (PEM); null when <see cref="CertificateFile"/> contains it.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>Path of the authority (PEM) that must have issued the client's certificate (mutual TLS); null to require no client
    /// certificate.</summary>
    public string? ClientAuthorityFile { get; init; }

    /// <summary>Collector that receives the metrics by OTLP over gRPC, such as http://127.0.0.1:4317; null for none.</summary>
    public Uri? OtlpEndPoint { get; init; }

    /// <summary>The settings of the process, for those who ask for them.</summary>
    public IReadOnlyList<SettingReport> Settings { get; init; } = [];

    /// <summary>Default file name of the socket.</summary>
    public const string SocketName = "management.sock";

    /// <summary>Folder of the socket when systemd runs the server as a service.</summary>
    public const string ServiceFolder = "/run/managed-nvmet";

    /// <summary>Returns the default path of the socket: in the service's runtime folder when systemd provides one, else in the state
    /// folder.</summary>
    public static string DefaultSocketPath(string stateFolder) =>
        Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY")?.Split(':')[0] is { Length: > 0 } runtime
            ? Path.Combine(runtime, SocketName)
            : Path.Combine(stateFolder, SocketName);
}
