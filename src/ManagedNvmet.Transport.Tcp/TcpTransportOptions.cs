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

    /// <summary>Bytes of the kernel's send buffer of each connection, 0 to leave its size to the kernel. A smaller one stays in the processor's
    /// cache; one that is smaller than bandwidth times round trip caps the throughput of a connection.</summary>
    public int SendBufferBytes { get; init; }

    /// <summary>How the kernel paces what it sends, as <see cref="Transport.Tcp.CongestionControl.Choose"/> takes it.</summary>
    public string? CongestionControl { get; init; }

    /// <summary>Milliseconds until accepting is tried again when the process has no descriptor left.</summary>
    public int AcceptRetryMilliseconds { get; init; } = 200;

    /// <summary>Milliseconds that a host may take to close its side of a connection that the target ends; then the socket is closed all
    /// the same. 0 closes it at once, with a reset if the host is still sending.</summary>
    public int FarewellMilliseconds { get; init; } = 1_000;
}
