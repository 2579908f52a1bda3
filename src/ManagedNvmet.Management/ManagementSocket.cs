using System.Net.Sockets;
using System.Text;
using Mono.Unix.Native;

namespace ManagedNvmet.Management;

/// <summary>The Unix socket of the management interface, before anybody serves it.</summary>
internal static class ManagementSocket
{
    // sun_path, with its end.
    private const int MaxPathBytes = 107;
    private const int Backlog = 16;

    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Listens. Nobody gets in before owner and mode are right: a connection is refused until the socket listens.</summary>
    /// <exception cref="StartupException">Says what is in the way.</exception>
    public static Socket Listen(string path, string? group)
    {
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
        {
            throw new StartupException(
                $"The path of the management socket, {path}, is longer than {MaxPathBytes} bytes; choose a shorter one with --management-socket.");
        }
        Socket? socket = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            RemoveLeftover(path);
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
                $"The management socket {path} cannot be made: {exception.Message}. Choose another place with --management-socket, "
                + "or none with --management-socket none.",
                exception);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    // A server that was killed leaves its socket behind; one that lives answers.
    private static void RemoveLeftover(string path)
    {
        if (!File.Exists(path))
            return;
        bool isSocket = Syscall.lstat(path, out Stat facts) == 0
            && (facts.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFSOCK;
        if (!isSocket)
            throw new StartupException($"{path} is a file and no socket; it is in the way of the management socket.");
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
            $"Another server is managed by {path} and runs; stop it, or choose another socket for this one with --management-socket.");
    }

    private static void SetGroup(string path, string name)
    {
        Group? group = uint.TryParse(name, out uint number) ? new Group { gr_gid = number } : Syscall.getgrnam(name);
        if (group is null)
            throw new StartupException($"There is no group '{name}'; expected the name or number of one of this machine's (--management-group).");
        if (Syscall.chown(path, uint.MaxValue, group.gr_gid) != 0)
        {
            throw new StartupException($"The management socket {path} cannot be given to group '{name}': {Stdlib.strerror(Stdlib.GetLastError())}. "
                + "The process has to be a member of it, or root.");
        }
    }
}
