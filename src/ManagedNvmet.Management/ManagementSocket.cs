using System.Net.Sockets;
using System.Text;
using Mono.Unix.Native;

namespace ManagedNvmet.Management;

/// <summary>Creates the Unix socket of the management interface.</summary>
internal static class ManagementSocket
{
    // sockaddr_un.sun_path has 108 bytes, one of them for the terminating NUL.
    private const int MaxPathBytes = 107;
    private const int Backlog = 16;

    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Creates the socket, sets its mode and group, and then listens. The kernel refuses connections until the socket listens, so
    /// that nobody connects before the permissions are set.</summary>
    /// <exception cref="StartupException">The path is too long or in use, or the group does not exist.</exception>
    public static Socket Listen(string path, string? group)
    {
        // Kestrel takes absolute paths only.
        path = Path.GetFullPath(path);
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
        {
            throw new StartupException(
                $"The path of the management socket, {path}, is longer than {MaxPathBytes} bytes; choose a shorter one with "
                + "--management-socket.");
        }
        Socket? socket = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            RemoveStaleSocket(path);
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, Mode);
            if (group is not null)
                SetGroup(path, group);
            socket.Listen(Backlog);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            socket?.Dispose();
            throw new StartupException(
                $"The management socket {path} cannot be created: {exception.Message}. Choose another path with --management-socket PATH, "
                + "or no socket with --management-socket none.",
                exception);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    // A server that was killed leaves its socket file behind, which refuses connections. A running server accepts them.
    private static void RemoveStaleSocket(string path)
    {
        if (!File.Exists(path))
            return;
        bool isSocket = Syscall.lstat(path, out Stat facts) == 0
            && (facts.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFSOCK;
        if (!isSocket)
        {
            throw new StartupException(
                $"The management socket {path} cannot be created, because a file that is not a socket has this path; remove the file, or "
                + "choose another path with --management-socket.");
        }
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        throw new StartupException(
            $"Another running server uses the management socket {path}; stop it, or choose another path for this one with "
            + "--management-socket.");
    }

    private static void SetGroup(string path, string name)
    {
        Group? group = uint.TryParse(name, out uint number) ? new Group { gr_gid = number } : Syscall.getgrnam(name);
        if (group is null)
        {
            throw new StartupException(
                $"There is no group '{name}'; expected the name or number of a group of this machine (--management-group).");
        }
        if (Syscall.chown(path, uint.MaxValue, group.gr_gid) != 0)
        {
            throw new StartupException($"The group of the management socket {path} cannot be set to '{name}': "
                + $"{Stdlib.strerror(Stdlib.GetLastError())}. The server must run as root, or as a member of this group.");
        }
    }
}
