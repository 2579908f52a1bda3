using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Queues;

/// <summary>Records of connections that broke NVMe/TCP, or did not speak it.</summary>
internal static class ProtocolRefusals
{
    /// <summary>Makes the record of a connection that was closed, or null when it was not refused.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="reason">Why it was closed.</param>
    /// <param name="controller">The controller of its queue, or null before a Connect succeeded.</param>
    /// <param name="queueId">QID.</param>
    public static Refusal? Of(ControllerConnection connection, CloseReason reason, Controller? controller, int queueId)
    {
        PduError error = connection.Error;
        (RefusalReason Reason, string Detail, string Remedy)? refusal = reason switch
        {
            CloseReason.ProtocolError => (RefusalReason.ProtocolError,
                $"the peer broke the rules of NVMe/TCP: {error.Status}, information {error.Information:X}h",
                "Look for what connects there: a host with another transport, a port scanner, or a defect of the host"),
            CloseReason.PeerTerminated => (RefusalReason.PeerTerminated,
                $"the peer ended the connection because of what it took for an error of ours: {error.Status}, information "
                    + $"{error.Information:X}h",
                "See the log of the host; it may be a defect of either side"),
            CloseReason.HandshakeTimeout when controller is null => (RefusalReason.HandshakeTimeout,
                $"no ICReq and Connect came within {connection.Limits.HandshakeMilliseconds} ms",
                $"See {nameof(ConnectionLimits)}.{nameof(ConnectionLimits.HandshakeMilliseconds)}, or what connects there without "
                    + "speaking NVMe/TCP"),
            _ => null,
        };
        if (refusal is not { } found)
            return null;
        return new Refusal
        {
            Kind = RefusalKind.Pdu,
            Reason = found.Reason,
            LocalEndPoint = connection.LocalEndPoint,
            RemoteEndPoint = connection.RemoteEndPoint,
            HostNqn = controller is null ? null : LogText.Escape(controller.HostNqn.Text),
            SubsystemNqn = controller?.Subsystem.Nqn.Text,
            QueueId = controller is null ? null : queueId,
            Detail = found.Detail,
            Remedy = found.Remedy,
        };
    }
}
