using System.Net;
using ManagedNvmet.Transport.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ManagedNvmet.AspNetCore;

/// <summary>Hands the connections of a Kestrel endpoint to a server.</summary>
/// <remarks>From any thread.</remarks>
internal sealed class NvmetConnectionHandler(NvmetServer server) : ConnectionHandler
{
    /// <inheritdoc/>
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        // Kestrel asks for the end when it stops. Without an answer it waits for the shutdown timeout of the host.
        var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        CancellationToken stopping = lifetime?.ConnectionClosedRequested ?? CancellationToken.None;
        var options = new PipeConnectionOptions { RemoteEndPoint = connection.RemoteEndPoint as IPEndPoint };
        return server.AcceptAsync(connection.Transport, options, stopping);
    }
}
