using System.Globalization;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Refusals;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Target.Admission;

/// <summary>Whether a host may connect to a subsystem, and how it is refused when it may not.</summary>
internal static class ConnectRules
{
    /// <summary>Judges a host by the port that it reached and the rules of the subsystem.</summary>
    public static ConnectRefusal CheckAccess(Subsystem subsystem, QueuePair queue, Nqn host, ReadOnlySpan<byte> hostId)
    {
        NvmeTarget target = queue.Target;
        if (!subsystem.IsDiscovery && !target.IsExported(queue, subsystem.Nqn))
        {
            string where = queue.Port is { } port
                ? string.Create(CultureInfo.InvariantCulture, $"port {port.Id}")
                : "the address that the host reached, where no port is any more";
            return RetryableWhileLoading(target, ConnectRefusal.InConnectData(
                ConnectCommandData.SubsystemNqnOffset,
                RefusalReason.SubsystemNotOnPort,
                $"the subsystem is not exported on {where}",
                "Add the subsystem to the port, or let the host connect to another address"));
        }
        RefusalReason reason = subsystem.CheckAccess(host, hostId, queue.Connection.RemoteEndPoint?.Address);
        return reason switch
        {
            RefusalReason.None => ConnectRefusal.None,
            RefusalReason.HostNotAllowed when host == Nqn.Unnamed => ConnectRefusal.InConnectData(
                ConnectCommandData.HostNqnOffset, RefusalReason.InvalidParameter, "the host NQN is empty",
                "Give the host a name (nvme gen-hostnqn), or allow any host to use the subsystem"),
            RefusalReason.HostIdNotAllowed => NotAllowed(target, reason,
                $"this host must have another host identifier than {new Guid(hostId, bigEndian: true)}",
                $"Correct /etc/nvme/hostid on the host, or managed_nvmet.host_id of the host"),
            RefusalReason.SourceNotAllowed => NotAllowed(target, reason, "this host may not come from this address",
                $"To let it in, add its network to managed_nvmet.source_networks of the host"),
            RefusalReason.AuthenticationUnsupported => NotAllowed(target, reason,
                "this host has an authentication key, and this version cannot authenticate hosts",
                "To let it in without authentication, remove its key (dhchap key and ctrl_key, or key and controller_key, of the host)"),
            _ => NotAllowed(target, reason, "this host may not use the subsystem",
                "To let it in, add it to allowed_hosts of the subsystem"),
        };
    }

    /// <summary>There is no such subsystem.</summary>
    public static ConnectRefusal UnknownSubsystem(NvmeTarget target) => RetryableWhileLoading(target, ConnectRefusal.InConnectData(
        ConnectCommandData.SubsystemNqnOffset, RefusalReason.UnknownSubsystem, "there is no such subsystem",
        "Add the subsystem, or correct its name on the host"));

    /// <summary>A limit is reached. The host may try again: others come and go.</summary>
    public static ConnectRefusal TooMany(Limit reached) =>
        ConnectRefusal.Because(NvmeStatus.ControllerBusy, reached.Reason, reached.Detail, $"See {reached.Setting}");

    /// <summary>A host of the same name is there. The host may try again: the other one may be what is left of itself.</summary>
    public static ConnectRefusal Fenced(DuplicateHost seen) => ConnectRefusal.Because(NvmeStatus.ConnectInvalidHost.Retryable(),
        RefusalReason.DuplicateHost,
        $"a host of the same name, with host identifier {seen.FirstHostId}, is connected from "
            + $"{seen.FirstEndPoint?.ToString() ?? "this process"}",
        $"Give each machine a name of its own (nvme gen-hostnqn), or see managed_nvmet.duplicate_hosts of the subsystem");

    private static ConnectRefusal NotAllowed(NvmeTarget target, RefusalReason reason, string detail, string remedy) =>
        RetryableWhileLoading(target, ConnectRefusal.Because(NvmeStatus.ConnectInvalidHost, reason, detail, remedy));

    // A host that is told not to try again gives up for good, and what is being loaded may name it in a moment.
    private static ConnectRefusal RetryableWhileLoading(NvmeTarget target, ConnectRefusal refusal) =>
        target.IsLoading ? refusal.Retryable() : refusal;
}
