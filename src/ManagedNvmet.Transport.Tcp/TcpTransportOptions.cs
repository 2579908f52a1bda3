using System.Net;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Where a listener listens.</summary>
public sealed record TcpTransportOptions
{
    /// <summary>The port that IANA assigned to NVMe over Fabrics I/O.</summary>
    public const int DefaultPort = 4420;

    /// <summary>Addresses to listen on. Port 0 takes a free one.</summary>
    public required IReadOnlyList<IPEndPoint> EndPoints { get; init; }

    /// <summary>Connections that the kernel keeps until they are accepted.</summary>
    public int Backlog { get; init; } = 1_024;

    /// <summary>Milliseconds until accepting is tried again when the process has no descriptor left.</summary>
    public int AcceptRetryMilliseconds { get; init; } = 200;
}
