using System.Net.Sockets;

namespace ManagedNvmet.Management;

/// <summary>Waits, asleep, for the first connection to a listening socket, and takes none.</summary>
internal sealed class SocketWatch : IDisposable
{
    private const int StackBytes = 256 << 10;

    private readonly Socket socket;
    private readonly Action opened;
    private readonly Thread thread;
    private volatile bool isEnded;

    /// <param name="socket">Listens.</param>
    /// <param name="opened">Called once, when somebody connects.</param>
    public SocketWatch(Socket socket, Action opened)
    {
        this.socket = socket;
        this.opened = opened;
        thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "management" };
        thread.Start();
    }

    /// <summary>Ends the wait. <c>opened</c> is not called any more.</summary>
    public void Dispose()
    {
        isEnded = true;
        if (!thread.IsAlive)
            return;

        // What wakes the thread is what it waits for. Where that fails, its file is gone and nobody can connect: it sleeps until the
        // process ends.
        using var waker = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            waker.Connect(socket.LocalEndPoint!);
        }
        catch (SocketException)
        {
            return;
        }
        thread.Join();
    }

    private void Run()
    {
        socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
        if (!isEnded)
            opened();
    }
}
