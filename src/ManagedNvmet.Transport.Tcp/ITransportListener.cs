using System.Net;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Listens on TCP addresses and serves the connections that arrive there.</summary>
/// <remarks>One thread at a time calls, in this order, <see cref="Bind"/>, <see cref="Start"/>, <see cref="StopAcceptingAsync"/> and
/// <see cref="DrainAsync"/>. Any thread may read the properties.</remarks>
public interface ITransportListener
{
    /// <summary>The addresses of the listening sockets, with the actual TCP ports.</summary>
    IReadOnlyList<IPEndPoint> EndPoints { get; }

    /// <summary>The number of open connections.</summary>
    int ConnectionCount { get; }

    /// <summary>Binds all addresses. The kernel queues hosts until <see cref="Start"/>.</summary>
    /// <exception cref="ListenException">An address cannot be bound. No address is bound then.</exception>
    void Bind();

    /// <summary>Starts to accept connections.</summary>
    void Start();

    /// <summary>Stops accepting and releases the addresses. Connections stay open.</summary>
    Task StopAcceptingAsync();

    /// <summary>Completes when no connection is open. Call it after <see cref="StopAcceptingAsync"/>.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
