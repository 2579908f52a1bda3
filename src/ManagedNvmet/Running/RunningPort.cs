using System.Net;
using ManagedNvmet.Configuration;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Transport.Tcp;

namespace ManagedNvmet.Running;

/// <summary>A port of the configuration and its listener.</summary>
internal sealed class RunningPort(PortConfiguration configured)
{
    private Port? _announced;
    private PortConfiguration? _announcedFrom;

    /// <summary>What was asked for.</summary>
    public PortConfiguration Configured { get; set; } = configured;

    /// <summary>The listener; null while its address is not there.</summary>
    public ITransportListener? Listener { get; set; }

    /// <summary>It accepts connections.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Where it listens, with the port that was taken.</summary>
    public IPEndPoint? EndPoint => Listener?.EndPoints[0];

    /// <summary>Where it listened before it was closed: a port that takes a free TCP port and is opened again takes the same one.</summary>
    public IPEndPoint? FormerEndPoint { get; set; }

    /// <summary>Why nothing listens, in a sentence; null when something does.</summary>
    public string? Reason { get; set; }

    /// <summary>It should listen and does not.</summary>
    public bool IsWaiting => Listener is null && PortAddress.IsServed(Configured);

    /// <summary>The port as the target knows it; the same object while nothing has changed.</summary>
    public Port Announce(IPEndPoint endPoint, ushort wireId)
    {
        if (_announced is not { } known || !ReferenceEquals(_announcedFrom, Configured) || known.Id != wireId || known.TcpPort != endPoint.Port
            || !known.Address.Equals(endPoint.Address))
        {
            _announced = TargetMapping.Port(Configured, endPoint, wireId);
            _announcedFrom = Configured;
        }
        return _announced;
    }

    /// <summary>True when the socket has to be opened again to serve the port as wanted.</summary>
    public bool NeedsAnotherListener(PortConfiguration wanted) =>
        ConfigurationTables.Port.NeedsRebuild(Configured, wanted, Configured) || PortAddress.IsServed(Configured) != PortAddress.IsServed(wanted);
}
