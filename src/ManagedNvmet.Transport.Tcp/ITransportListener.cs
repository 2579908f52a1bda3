using System.Net;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Listens on TCP addresses and serves the connections that arrive there.</summary>
/// <remarks>Used in this order by one thread at a time: <see cref="Bind"/>, <see cref="Start"/>, <see cref="StopAcceptingAsync"/>,
/// <see cref="DrainAsync"/>. The properties are read from any thread.</remarks>
public interface ITransportListener
{
    /// <summary>Where it listens, with the TCP ports that were taken.</summary>
    IReadOnlyList<IPEndPoint> EndPoints { get; }

    /// <summary>Connections at the moment.</summary>
    int ConnectionCount { get; }

    /// <summary>Takes every address: the kernel keeps the hosts that come until <see cref="Start"/>.</summary>
    /// <exception cref="ListenException">An address cannot be listened on; none is then.</exception>
    void Bind();

    /// <summary>Begins to accept.</summary>
    void Start();

    /// <summary>Stops accepting and gives the addresses back; connections go on.</summary>
    Task StopAcceptingAsync();

    /// <summary>Ends when no connection is open any more. Called after <see cref="StopAcceptingAsync"/>.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
