using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>A server process. It is stopped while another server is measured.</summary>
/// <param name="process">The process.</param>
/// <param name="port">TCP port on 127.0.0.1.</param>
/// <param name="target">NQN or URI to which the client connects.</param>
public sealed class PeerServer(ChildProcess process, int port, string target) : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The process.</summary>
    public ChildProcess Process { get; } = process;

    /// <summary>TCP port on 127.0.0.1.</summary>
    public int Port { get; } = port;

    /// <summary>NQN or URI to which the client connects.</summary>
    public string Target { get; } = target;

    /// <summary>True when the server polls, so that only a share of its CPU time is work.</summary>
    public bool IsPolling { get; init; }

    /// <summary>Client of its management interface; null when it has none.</summary>
    public HttpClient? Management { get; init; }

    /// <summary>Files that the server does not delete when it ends. Disposal deletes them.</summary>
    public IReadOnlyList<string> Leftovers { get; init; } = [];

    /// <summary>Waits until the server accepts connections. Ends the server when it does not within 30 s.</summary>
    /// <returns>This server.</returns>
    public async Task<PeerServer> ListeningAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WaitForPortAsync(cancellationToken);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the server.</summary>
    public async ValueTask DisposeAsync()
    {
        Management?.Dispose();
        await Process.DisposeAsync();
        foreach (string file in Leftovers)
            File.Delete(file);
    }

    private async Task WaitForPortAsync(CancellationToken cancellationToken)
    {
        DateTime limit = DateTime.UtcNow + StartTimeout;
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
                return;
            }
            catch (SocketException) when (!Process.HasExited && DateTime.UtcNow < limit)
            {
                await Task.Delay(20, cancellationToken);
            }
            catch (SocketException)
            {
                throw new ComparisonException($"the server did not listen on port {Port}: {Process.OutputTail}");
            }
        }
    }
}
