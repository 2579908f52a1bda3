using System.Net.Sockets;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Selects the kernel's TCP congestion control of a connection.</summary>
public static class CongestionControl
{
    /// <summary>Round-trip times below this, in µs, occur within a machine or a local network.</summary>
    public const int ShortRoundTripMicroseconds = 1_000;

    // Congestion controls without pacing, in order of preference. The kernel always has reno and allows it for all users.
    private static readonly string[] WithoutPacing = ["cubic", "reno"];

    /// <summary>Returns why a congestion control cannot be used, as a sentence; null when it can.</summary>
    public static string? FaultOf(string name)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        return SocketCalls.SetCongestionControl((int)socket.Handle, name) switch
        {
            >= 0 => null,
            -Errno.EPERM => $"The kernel allows the congestion control '{name}' for root only; net.ipv4.tcp_allowed_congestion_control "
                + "lists those that all users may use.",
            _ => $"This kernel has no congestion control '{name}'; expected one of {string.Join(", ", Available())}.",
        };
    }

    /// <summary>Sets the congestion control of a connected socket. If the kernel refuses, the socket keeps its present one.</summary>
    /// <param name="fd">File descriptor of the socket.</param>
    /// <param name="name">A name for which <see cref="FaultOf"/> returns null. Null keeps the system's default, except where that is BBR
    /// and the round-trip time is short. BBR paces packets to keep the queues of long paths empty; on a short path, pacing only costs
    /// throughput and CPU time.</param>
    public static void Choose(int fd, string? name)
    {
        if (name is not null)
        {
            _ = SocketCalls.SetCongestionControl(fd, name);
            return;
        }
        bool isPaced = SocketCalls.GetCongestionControl(fd)?.StartsWith("bbr", StringComparison.Ordinal) == true;
        if (isPaced && SocketCalls.RoundTripMicroseconds(fd) is >= 0 and < ShortRoundTripMicroseconds)
            _ = Array.Exists(WithoutPacing, each => SocketCalls.SetCongestionControl(fd, each) >= 0);
    }

    private static string[] Available()
    {
        try
        {
            return File.ReadAllText("/proc/sys/net/ipv4/tcp_available_congestion_control")
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return WithoutPacing;
        }
    }
}
