using System.Net;
using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Refusals;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Admission;

/// <summary>Counts connections and refuses those above the limits: in total, for each remote address, and for each port.</summary>
/// <remarks>Thread-safe. Its memory is bounded, because it keeps a count only for accepted connections.</remarks>
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

    /// <summary>The number of open connections.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Returns the number of open connections through a port.</summary>
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
        Limit? reached;
        lock (_gate)
        {
            reached = _count >= limits.MaxConnections ? Limit.Connections
                : address is not null && _perAddress.GetValueOrDefault(address) >= limits.MaxConnectionsPerAddress
                    ? Limit.ConnectionsOfAddress
                : port?.MaxConnections is { } most && _perPort.GetValueOrDefault(port.Id) >= most ? Limit.ConnectionsOfPort
                : null;
            if (reached is null)
            {
                _count++;
                if (address is not null)
                    _perAddress[address] = _perAddress.GetValueOrDefault(address) + 1;
                if (port is not null)
                    _perPort[port.Id] = _perPort.GetValueOrDefault(port.Id) + 1;
                return new Ticket(this, address, port?.Id);
            }
        }
        Refuse(reached, local, remote);
        return null;
    }

    private void Refuse(Limit reached, IPEndPoint? local, IPEndPoint? remote)
    {
        _target.Refusals.Add(new Refusal
        {
            Kind = RefusalKind.Connection,
            Reason = reached.Reason,
            LocalEndPoint = local,
            RemoteEndPoint = remote,
            Detail = reached.Detail,
            Remedy = $"See {reached.Setting}",
        });
        if (_limiter.TryEnter())
            LogTooMany(_target.Logger, remote, reached.Detail, reached.Setting);
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

    [LoggerMessage(50, LogLevel.Warning, "Connection from {RemoteEndPoint} refused: {Detail}. See {Setting}")]
    private static partial void LogTooMany(ILogger logger, IPEndPoint? remoteEndPoint, string detail, string setting);

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
