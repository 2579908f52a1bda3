using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Management.Api;

/// <summary>Connection feature that the Unix-socket listener sets, so that a client cannot forge it: the process at the other
/// end.</summary>
/// <param name="UserId">Its user; null when the kernel does not say.</param>
/// <param name="ProcessId">Its process id, 0 when the kernel does not say.</param>
internal sealed record UnixSocketPeer(uint? UserId, int ProcessId)
{
    // <sys/socket.h> of Linux.
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Reads the credentials that the kernel recorded when the client connected (SO_PEERCRED).</summary>
    public static UnixSocketPeer Of(Socket? socket)
    {
        // struct ucred: pid, uid, gid, each of 32 bits.
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        try
        {
            if (socket?.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == credentials.Length)
                return new UnixSocketPeer(MemoryMarshal.Read<uint>(credentials[sizeof(int)..]), MemoryMarshal.Read<int>(credentials));
        }
        catch (SocketException)
        {
            // The connection is already closed.
        }
        return new UnixSocketPeer(null, 0);
    }
}
