using System.Net.Sockets;

namespace ManagedNvmet.Management;

/// <summary>Calls a method when the first client connects to a listening socket. It does not accept the connection.</summary>
/// <remarks>A background thread of its own blocks until then.</remarks>
internal sealed class FirstConnectionWatcher : IDisposable
{
    private const int StackBytes = 256 << 10;

    private readonly Socket _socket;
    private readonly Action _connected;
    private readonly Thread _thread;
    private volatile bool _isDisposed;

    /// <param name="socket">A Unix socket that listens.</param>
    /// <param name="connected">Called once, on the watcher's thread, when the first client connects.</param>
    public FirstConnectionWatcher(Socket socket, Action connected)
    {
        _socket = socket;
        _connected = connected;
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "management" };
        _thread.Start();
    }

    /// <summary>Ends the wait. The watcher does not call <c>connected</c> afterwards.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        if (!_thread.IsAlive)
            return;

        // Connects to the socket, because only a connection wakes the thread. The connection fails when somebody has deleted the socket's
        // file. Nobody else can connect then either, so the background thread sleeps until the process ends.
        using var waker = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            waker.Connect(_socket.LocalEndPoint!);
        }
        catch (SocketException)
        {
            return;
        }
        _thread.Join();
    }

    private void Run()
    {
        _socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
        if (!_isDisposed)
            _connected();
    }
}
