using System.Net;
using ManagedNvmet.Configuration;
using ManagedNvmet.Transport.Tcp;

namespace ManagedNvmet.Running;

/// <summary>A port of the configuration and its listener.</summary>
internal sealed class RunningPort(PortConfiguration configured)
{
    /// <summary>What was asked for.</summary>
    public PortConfiguration Configured { get; set; } = configured;

    /// <summary>The listener; null while its address is not there.</summary>
    public TcpListener? Listener { get; set; }

    /// <summary>It accepts connections.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Where it listens, with the port that was taken.</summary>
    public IPEndPoint? EndPoint => Listener?.EndPoints[0];

    /// <summary>Why nothing listens, in a sentence; null when something does.</summary>
    public string? Reason { get; set; }

    /// <summary>It should listen and does not.</summary>
    public bool IsWaiting => Listener is null && PortAddress.IsServed(Configured);

    /// <summary>True when one cannot become the other while the socket stays open.</summary>
    public static bool NeedsAnotherListener(PortConfiguration from, PortConfiguration to) =>
        from.Address != to.Address || from.ServiceId != to.ServiceId || PortAddress.IsServed(from) != PortAddress.IsServed(to)
        || from.MaxConnections != to.MaxConnections || from.MaxConnectionsPerAddress != to.MaxConnectionsPerAddress;
}
