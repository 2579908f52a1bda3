using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Refusals;
using ManagedNvmet.Target.Sessions;

namespace ManagedNvmet.Target.Queues;

public sealed partial class QueuePair
{
    /// <summary>The queue as it is now. From any thread.</summary>
    internal SessionQueue GetSnapshot() => new(
        Id, Entries, Connection.OutstandingCommands, _connectedSince, Connection.LocalEndPoint, Connection.RemoteEndPoint);

    /// <inheritdoc/>
    public QueueIdentity? Identity => Controller is not { } controller ? null : new QueueIdentity
    {
        HostNqn = controller.HostNqn,
        HostId = new Guid(controller.HostId, bigEndian: true),
        SubsystemNqn = controller.Subsystem.Nqn,
        ControllerId = controller.Id,
        QueueId = Id,
        Entries = Entries,
        KeepAliveMilliseconds = Id == 0 ? controller.KeepAliveMilliseconds : 0,
    };

    /// <summary>Keeps a record of a peer that broke the protocol, or did not speak it.</summary>
    private void NoteProtocolRefusal(CloseReason reason)
    {
        PduError error = Connection.Error;
        (RefusalReason Reason, string Detail, string Remedy)? refusal = reason switch
        {
            CloseReason.ProtocolError => (RefusalReason.ProtocolError,
                $"the peer broke the rules of NVMe/TCP: {error.Status}, information {error.Information:X}h",
                "Look for what connects there: a host with another transport, a port scanner, or a defect of the host"),
            CloseReason.PeerTerminated => (RefusalReason.PeerTerminated,
                $"the peer ended the connection because of what it took for an error of ours: {error.Status}, information {error.Information:X}h",
                "See the log of the host; it may be a defect of either side"),
            CloseReason.HandshakeTimeout when _state == QueueState.WaitConnect && !_wasRefused => (RefusalReason.HandshakeTimeout,
                $"no ICReq and Connect came within {Connection.Limits.HandshakeMilliseconds} ms",
                $"See {nameof(ConnectionLimits)}.{nameof(ConnectionLimits.HandshakeMilliseconds)}, or what connects there without speaking NVMe/TCP"),
            _ => null,
        };
        if (refusal is not { } found)
            return;
        Target.Refusals.Add(new Refusal
        {
            Kind = RefusalKind.Pdu,
            Reason = found.Reason,
            LocalEndPoint = Connection.LocalEndPoint,
            RemoteEndPoint = Connection.RemoteEndPoint,
            HostNqn = Controller is { } controller ? LogText.Escape(controller.HostNqn.Text) : null,
            SubsystemNqn = Controller?.Subsystem.Nqn.Text,
            QueueId = Controller is null ? null : Id,
            Detail = found.Detail,
            Remedy = found.Remedy,
        });
    }
}
