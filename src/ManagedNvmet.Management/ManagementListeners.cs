using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Management;

/// <summary>The TCP sockets of the management interface. They listen before anybody serves them, so that an address that cannot be used
/// is reported before a disk is served.</summary>
internal static class ManagementListeners
{
    private const int Backlog = 128;

    /// <summary>Listens on each address.</summary>
    /// <exception cref="StartupException">An address cannot be used; the message names it and the reason.</exception>
    public static IReadOnlyList<Socket> Open(IReadOnlyList<IPEndPoint> endPoints)
    {
        List<Socket> listeners = [];
        try
        {
            foreach (IPEndPoint endPoint in endPoints)
                listeners.Add(Open(endPoint));
            return listeners;
        }
        catch
        {
            foreach (Socket listener in listeners)
                listener.Dispose();
            throw;
        }
    }

    private static Socket Open(IPEndPoint endPoint)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            throw new StartupException(
                $"Management cannot listen on {endPoint}: {exception.Message}. Choose another address with --management.", exception);
        }
    }
}
