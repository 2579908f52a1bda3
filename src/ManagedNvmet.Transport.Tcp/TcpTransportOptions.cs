using System.Net;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Options of a TCP listener.</summary>
public sealed record TcpTransportOptions
{
    /// <summary>The port that IANA assigned to NVMe over Fabrics I/O.</summary>
    public const int DefaultPort = 4420;

    /// <summary>Addresses to listen on. For port 0 the system chooses a free port.</summary>
    public required IReadOnlyList<IPEndPoint> EndPoints { get; init; }

    /// <summary>Maximum number of connections that the kernel queues until the listener accepts them.</summary>
    public int Backlog { get; init; } = 1_024;

    /// <summary>Size of each connection's send buffer in the kernel, in bytes; 0 lets the kernel choose. A small buffer stays in the
    /// processor's cache. A buffer smaller than bandwidth × round-trip time limits the throughput of a connection.</summary>
    public int SendBufferBytes { get; init; }

    /// <summary>Name of the kernel's congestion control; null for the default. See
    /// <see cref="Transport.Tcp.CongestionControl.Choose"/>.</summary>
    public string? CongestionControl { get; init; }

    /// <summary>Time in milliseconds after which the listener accepts again when the process has no free file descriptor.</summary>
    public int AcceptRetryMilliseconds { get; init; } = 200;

    /// <summary>Time in milliseconds that a host has to close its side after the target has ended a connection. The target then closes the
    /// socket anyway. 0 closes it at once, with a reset if the host is still sending.</summary>
    public int FarewellMilliseconds { get; init; } = 1_000;
}
