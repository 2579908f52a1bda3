using System.Net.Sockets;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>How the kernel paces what a connection sends.</summary>
public static class CongestionControl
{
    /// <summary>Round trips below this are those of a machine itself or of its own network, in microseconds.</summary>
    public const int ShortRoundTripMicroseconds = 1_000;

    // In order of preference; the kernel always has the last one, and lets everybody use it.
    private static readonly string[] WithoutPacing = ["cubic", "reno"];

    /// <summary>Why a name cannot be chosen, as a sentence; null when it can.</summary>
    public static string? FaultOf(string name)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        return SocketCalls.SetCongestionControl((int)socket.Handle, name) switch
        {
            >= 0 => null,
            -Errno.EPERM => $"'{name}' is a congestion control that the kernel offers to root only; net.ipv4.tcp_allowed_congestion_control "
                + "names those that it offers to all.",
            _ => $"'{name}' is no congestion control of this kernel; expected one of {string.Join(", ", Offered())}.",
        };
    }

    /// <summary>Chooses for a connected socket. A kernel that refuses leaves its own choice in force.</summary>
    /// <param name="fd">The socket.</param>
    /// <param name="name">A name for which <see cref="FaultOf"/> is null. Null for what the system has chosen, except where that is BBR and
    /// the round trip is short: BBR waits between one packet and the next so that queues on a long way stay empty, and on a short one these
    /// waits only cost throughput and processor time.</param>
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

    private static string[] Offered()
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
