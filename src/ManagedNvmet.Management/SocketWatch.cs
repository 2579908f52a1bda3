using System.Net.Sockets;

namespace ManagedNvmet.Management;

/// <summary>Waits, asleep, for the first connection to a listening socket, and takes none.</summary>
internal sealed class SocketWatch : IDisposable
{
    private const int StackBytes = 256 << 10;

    private readonly Socket _socket;
    private readonly Action _opened;
    private readonly Thread _thread;
    private volatile bool _isEnded;

    /// <param name="socket">Listens.</param>
    /// <param name="opened">Called once, when somebody connects.</param>
    public SocketWatch(Socket socket, Action opened)
    {
        _socket = socket;
        _opened = opened;
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "management" };
        _thread.Start();
    }

    /// <summary>Ends the wait. <c>opened</c> is not called any more.</summary>
    public void Dispose()
    {
        _isEnded = true;
        if (!_thread.IsAlive)
            return;

        // What wakes the thread is what it waits for. Where that fails, its file is gone and nobody can connect: it sleeps until the
        // process ends.
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
        if (!_isEnded)
            _opened();
    }
}
