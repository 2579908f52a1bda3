using System.Net;
using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Refusals;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Access;

/// <summary>Counts connections and refuses those that are too many: over all, from one address, through one port.</summary>
/// <remarks>Thread-safe. What it counts is bounded by what it lets in.</remarks>
public sealed partial class ConnectionAdmission : IConnectionAdmission
{
    private readonly NvmeTarget target;
    private readonly LogLimiter limiter;
    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, int> perAddress = [];
    private readonly Dictionary<int, int> perPort = [];
    private int count;

    internal ConnectionAdmission(NvmeTarget target)
    {
        this.target = target;
        limiter = new LogLimiter(target.Logger, target.Time);
    }

    /// <summary>Connections at the moment.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Connections at the moment through a port.</summary>
    public int CountOf(ushort portId)
    {
        lock (gate)
            return perPort.GetValueOrDefault(portId);
    }

    /// <inheritdoc/>
    public IDisposable? TryEnter(IPEndPoint? local, IPEndPoint? remote)
    {
        Port? port = target.FindPort(local);
        IPAddress? address = remote is null ? null : Addresses.Plain(remote.Address);
        TargetLimits limits = target.Limits;
        RefusalReason reason;
        lock (gate)
        {
            reason = count >= limits.MaxConnections ? RefusalReason.TooManyConnections
                : address is not null && perAddress.GetValueOrDefault(address) >= limits.MaxConnectionsPerAddress
                    ? RefusalReason.TooManyConnectionsOfAddress
                : port?.MaxConnections is { } most && perPort.GetValueOrDefault(port.Id) >= most
                    ? RefusalReason.TooManyConnectionsOfPort
                : RefusalReason.None;
            if (reason == RefusalReason.None)
            {
                count++;
                if (address is not null)
                    perAddress[address] = perAddress.GetValueOrDefault(address) + 1;
                if (port is not null)
                    perPort[port.Id] = perPort.GetValueOrDefault(port.Id) + 1;
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
            RefusalReason.TooManyConnections => (target.Limits.MaxConnections, "are open", nameof(TargetLimits.MaxConnections)),
            RefusalReason.TooManyConnectionsOfAddress =>
                (target.Limits.MaxConnectionsPerAddress, "are open from this address", nameof(TargetLimits.MaxConnectionsPerAddress)),
            _ => (port!.MaxConnections!.Value, $"are open through port {port.Id}", $"{nameof(Port)}.{nameof(Port.MaxConnections)}"),
        };
        target.Refusals.Add(new Refusal
        {
            Kind = RefusalKind.Connection,
            Reason = reason,
            LocalEndPoint = local,
            RemoteEndPoint = remote,
            Detail = $"{limit} connections {whose}",
            Remedy = $"See {setting}",
        });
        if (limiter.TryEnter())
            LogTooMany(target.Logger, remote, limit, whose, setting);
    }

    private void Leave(IPAddress? address, ushort? portId)
    {
        lock (gate)
        {
            count--;
            if (address is not null && --CollectionsMarshal.GetValueRefOrAddDefault(perAddress, address, out _) == 0)
                perAddress.Remove(address);
            if (portId is { } id && --CollectionsMarshal.GetValueRefOrAddDefault(perPort, id, out _) == 0)
                perPort.Remove(id);
        }
    }

    [LoggerMessage(50, LogLevel.Warning, "Connection from {RemoteEndPoint} refused: {Limit} connections {Whose} ({Setting})")]
    private static partial void LogTooMany(ILogger logger, IPEndPoint? remoteEndPoint, int limit, string whose, string setting);

    private sealed class Ticket(ConnectionAdmission owner, IPAddress? address, ushort? portId) : IDisposable
    {
        private int isUsed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isUsed, 1) == 0)
                owner.Leave(address, portId);
        }
    }
}
