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

    /// <summary>The configured values.</summary>
    public PortConfiguration Configured { get; set; } = configured;

    /// <summary>The listener; null while the machine does not have its address.</summary>
    public ITransportListener? Listener { get; set; }

    /// <summary>True when the listener accepts connections.</summary>
    public bool IsStarted { get; set; }

    /// <summary>The address and actual TCP port on which it listens.</summary>
    public IPEndPoint? EndPoint => Listener?.EndPoints[0];

    /// <summary>The address before the last close. A port with a free TCP port takes the same one again when it is reopened.</summary>
    public IPEndPoint? FormerEndPoint { get; set; }

    /// <summary>The reason, as a sentence, why the port does not listen; null when it does.</summary>
    public string? Reason { get; set; }

    /// <summary>True when it should listen and does not.</summary>
    public bool IsWaiting => Listener is null && PortAddress.IsServed(Configured);

    /// <summary>Returns the port for the target; the same object as long as nothing has changed.</summary>
    public Port Announce(IPEndPoint endPoint, ushort wireId)
    {
        if (_announced is not { } known || !ReferenceEquals(_announcedFrom, Configured)
            || known.Id != wireId || known.TcpPort != endPoint.Port || !known.Address.Equals(endPoint.Address))
        {
            _announced = TargetMapping.Port(Configured, endPoint, wireId);
            _announcedFrom = Configured;
        }
        return _announced;
    }

    /// <summary>Returns true when the wanted values require that the socket is opened again.</summary>
    public bool NeedsAnotherListener(PortConfiguration wanted) =>
        ConfigurationTables.Port.NeedsRebuild(Configured, wanted, Configured)
            || PortAddress.IsServed(Configured) != PortAddress.IsServed(wanted);
}
