using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Conformance;

/// <summary>A target at an address.</summary>
public sealed class TcpLink(IPEndPoint address, string subsystemNqn) : IConformanceLink
{
    public bool HasOwnTime => false;

    public bool HasTarget => true;

    public string SubsystemNqn => subsystemNqn;

    public IConformanceConnection Open(byte hpda)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address);
        return new Connection(socket);
    }

    public void Advance(TimeSpan time) => Thread.Sleep(time);

    public IReadOnlyList<string> FindLeaks() => [];

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Connection(Socket socket) : IConformanceConnection
    {
        public void Send(ReadOnlySpan<byte> bytes)
        {
            try
            {
                socket.Send(bytes);
            }
            catch (SocketException)
            {
                // The controller has closed the connection. The script notices when it receives.
            }
        }

        public int Receive(Span<byte> buffer, TimeSpan time)
        {
            try
            {
                return socket.Poll(time, SelectMode.SelectRead) ? socket.Receive(buffer) : -1;
            }
            catch (SocketException)
            {
                return 0;
            }
        }

        public void CloseSend()
        {
            try
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The connection is already closed.
            }
        }

        public void Reset()
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        public void Dispose() => socket.Dispose();
    }
}
