using System.Net;
using ManagedNvmet.Configuration;
using ManagedNvmet.Target;
using ManagedNvmet.Transport.Pipelines;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Running;

/// <summary>Opens and closes the listeners of ports.</summary>
internal sealed class PortListeners(
    NvmeTarget target, NvmetServerOptions options, IReadOnlyList<ShardContext> shards, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<ListenerConnections>();

    /// <summary>Binds the address of a port. The kernel queues hosts until <see cref="Start"/>.</summary>
    /// <exception cref="IOException">The address cannot be bound; the message gives the reason.</exception>
    public void Bind(RunningPort port)
    {
        PortConfiguration configured = port.Configured;
        if (!PortAddress.IsServed(configured))
        {
            port.Reason = PortAddress.IsTcp(configured)
                ? "It asks for a secure channel, which this version has none of."
                : $"The transport {configured.TransportType} is not served.";
            return;
        }

        // The text was checked, but the interface after a % need not exist yet.
        if (!PortAddress.TryParse(configured.Address, configured.ServiceId, out IPEndPoint? endPoint)
            || (endPoint.Address.IsIPv6LinkLocal && endPoint.Address.ScopeId == 0))
        {
            throw new IOException($"Cannot listen on {configured.Address}: there is no such interface.");
        }
        if (endPoint.Port == 0 && port.FormerEndPoint is { } former)
            endPoint.Port = former.Port;
        var transport = new TcpTransportOptions
        {
            EndPoints = [endPoint],
            SendBufferBytes = options.SendBufferBytes,
            CongestionControl = options.CongestionControl,
        };
        var connections = new ListenerConnections(options.Limits.Connection, shards, target.CreateQueue, target.Connections, _logger);
        ITransportListener listener = options.Transport == TransportEngine.Pipelines
            ? new PipelinesListener(transport, connections, _logger)
            : new EpollListener(transport, connections, _logger);
        listener.Bind();
        port.Listener = listener;
        port.Reason = null;
    }

    /// <summary>Starts to accept connections.</summary>
    public static void Start(RunningPort port)
    {
        if (port.IsStarted || port.Listener is null)
            return;
        port.Listener.Start();
        port.IsStarted = true;
    }

    /// <summary>Closes the listener and releases the address.</summary>
    public static async Task CloseAsync(RunningPort port)
    {
        port.FormerEndPoint = port.EndPoint ?? port.FormerEndPoint;
        if (port.Listener is { } listener)
            await listener.StopAcceptingAsync().ConfigureAwait(false);
        port.Listener = null;
        port.IsStarted = false;
    }
}
