using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>A server that runs, or is held while another one is measured.</summary>
/// <param name="process">The server.</param>
/// <param name="port">Where it listens on 127.0.0.1.</param>
/// <param name="target">What its client connects to: an NQN, or a URI.</param>
public sealed class PeerServer(ChildProcess process, int port, string target) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The server.</summary>
    public ChildProcess Process { get; } = process;

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; } = port;

    /// <summary>What its client connects to.</summary>
    public string Target { get; } = target;

    /// <summary>It never sleeps, so that only a share of its processor time is work.</summary>
    public bool IsPolling { get; init; }

    /// <summary>Reaches its management interface, where it has one.</summary>
    public HttpClient? Management { get; init; }

    /// <summary>Files that it leaves when it ends.</summary>
    public IReadOnlyList<string> Leftovers { get; init; } = [];

    /// <summary>Waits until the port takes connections; ends the server when it does not.</summary>
    /// <returns>This.</returns>
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

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        Management?.Dispose();
        await Process.DisposeAsync();
        foreach (string file in Leftovers)
            File.Delete(file);
    }

    private async Task WaitForPortAsync(CancellationToken cancellationToken)
    {
        DateTime limit = DateTime.UtcNow + Patience;
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
                throw new ComparisonException($"the server did not listen on port {Port}: {Process.LastWords}");
            }
        }
    }
}
