using System.Net;
using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Refusals;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Access;

/// <summary>Counts connections and refuses those that are too many: over all, from one address, through one port.</summary>
/// <remarks>Thread-safe. What it counts is bounded by what it lets in.</remarks>
public sealed partial class ConnectionAdmission : IConnectionAdmission
{
    private readonly NvmeTarget _target;
    private readonly LogLimiter _limiter;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private readonly Dictionary<int, int> _perPort = [];
    private int _count;

    internal ConnectionAdmission(NvmeTarget target)
    {
        _target = target;
        _limiter = new LogLimiter(target.Logger, target.Time);
    }

    /// <summary>Connections at the moment.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Connections at the moment through a port.</summary>
    public int CountOf(ushort portId)
    {
        lock (_gate)
            return _perPort.GetValueOrDefault(portId);
    }

    /// <inheritdoc/>
    public IDisposable? TryEnter(IPEndPoint? local, IPEndPoint? remote)
    {
        Port? port = _target.FindPort(local);
        IPAddress? address = remote is null ? null : Addresses.Plain(remote.Address);
        TargetLimits limits = _target.Limits;
        RefusalReason reason;
        lock (_gate)
        {
            reason = _count >= limits.MaxConnections ? RefusalReason.TooManyConnections
                : address is not null && _perAddress.GetValueOrDefault(address) >= limits.MaxConnectionsPerAddress
                    ? RefusalReason.TooManyConnectionsOfAddress
                : port?.MaxConnections is { } most && _perPort.GetValueOrDefault(port.Id) >= most
                    ? RefusalReason.TooManyConnectionsOfPort
                : RefusalReason.None;
            if (reason == RefusalReason.None)
            {
                _count++;
                if (address is not null)
                    _perAddress[address] = _perAddress.GetValueOrDefault(address) + 1;
                if (port is not null)
                    _perPort[port.Id] = _perPort.GetValueOrDefault(port.Id) + 1;
                return new Ticket(this, address, port?.Id);
            }
        }
        Refuse(reason, local, remote, port);
        return null;
    }

    private void Refuse(RefusalReason reason, IPEndPoint? local, IPEndPoint? remote, Port? port)
    {
        (int limit, string whose, string setting) = reason switch
        {
            RefusalReason.TooManyConnections => (_target.Limits.MaxConnections, "are open", nameof(TargetLimits.MaxConnections)),
            RefusalReason.TooManyConnectionsOfAddress =>
                (_target.Limits.MaxConnectionsPerAddress, "are open from this address", nameof(TargetLimits.MaxConnectionsPerAddress)),
            _ => (port!.MaxConnections!.Value, $"are open through port {port.Id}", $"{nameof(Port)}.{nameof(Port.MaxConnections)}"),
        };
        _target.Refusals.Add(new Refusal
        {
            Kind = RefusalKind.Connection,
            Reason = reason,
            LocalEndPoint = local,
            RemoteEndPoint = remote,
            Detail = $"{limit} connections {whose}",
            Remedy = $"See {setting}",
        });
        if (_limiter.TryEnter())
            LogTooMany(_target.Logger, remote, limit, whose, setting);
    }

    private void Leave(IPAddress? address, ushort? portId)
    {
        lock (_gate)
        {
            _count--;
            if (address is not null && --CollectionsMarshal.GetValueRefOrAddDefault(_perAddress, address, out _) == 0)
                _perAddress.Remove(address);
            if (portId is { } id && --CollectionsMarshal.GetValueRefOrAddDefault(_perPort, id, out _) == 0)
                _perPort.Remove(id);
        }
    }

    [LoggerMessage(50, LogLevel.Warning, "Connection from {RemoteEndPoint} refused: {Limit} connections {Whose} ({Setting})")]
    private static partial void LogTooMany(ILogger logger, IPEndPoint? remoteEndPoint, int limit, string whose, string setting);

    private sealed class Ticket(ConnectionAdmission owner, IPAddress? address, ushort? portId) : IDisposable
    {
        private int _isUsed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isUsed, 1) == 0)
                owner.Leave(address, portId);
        }
    }
}
