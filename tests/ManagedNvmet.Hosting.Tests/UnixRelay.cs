using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Hosting.Tests;

/// <summary>Takes TCP connections and carries their bytes to a Unix socket and back, as socat does.</summary>
internal sealed class UnixRelay : IDisposable
{
    private readonly Socket _listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly string _path;

    public UnixRelay(string path)
    {
        _path = path;
        _listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening.Listen();
        _ = RunAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listening.LocalEndPoint!;

    public void Dispose() => _listening.Dispose();

    private async Task RunAsync()
    {
        try
        {
            while (true)
                _ = RelayAsync(await _listening.AcceptAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket accepted)
    {
        await using var host = new NetworkStream(accepted, ownsSocket: true);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path));
            await using var disk = new NetworkStream(socket);
            await Task.WhenAny(host.CopyToAsync(disk), disk.CopyToAsync(host));
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // One side is gone, or the sample does not listen yet; the host tries again.
        }
    }
}
