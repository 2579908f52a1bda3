using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Controllers;

/// <summary>Whether an I/O queue may join a controller: a pure function, called under the controller's lock.</summary>
internal static class IoQueueRules
{
    // The sizes of queue entries over fabrics, as powers of two.
    private const int SubmissionEntryShift = 6;
    private const int CompletionEntryShift = 4;

    /// <summary>Judges a Connect of an I/O queue.</summary>
    /// <param name="fields">What the Connect says.</param>
    /// <param name="hostNqn">The host of the controller.</param>
    /// <param name="hostId">Its HOSTID.</param>
    /// <param name="isDiscovery">The controller is a discovery controller.</param>
    /// <param name="state">The state of the controller.</param>
    /// <param name="configuration">Its CC.</param>
    /// <param name="queuesGranted">How many I/O queues the host may have.</param>
    public static ConnectRefusal Check(
        ConnectFields fields,
        Nqn hostNqn,
        ReadOnlySpan<byte> hostId,
        bool isDiscovery,
        ControllerState state,
        ControllerConfiguration configuration,
        int queuesGranted)
    {
        if (!fields.HostNqn.Equals(hostNqn))
        {
            return ConnectRefusal.InConnectData(ConnectCommandData.HostNqnOffset, RefusalReason.ForeignController,
                "the controller belongs to another host");
        }
        if (fields.HostId.ContainsAnyExcept((byte)0) && !fields.HostId.SequenceEqual(hostId))
        {
            return ConnectRefusal.InConnectData(ConnectCommandData.HostIdOffset, RefusalReason.ForeignController,
                "the controller belongs to another host identifier");
        }
        if (isDiscovery)
        {
            return ConnectRefusal.InEntry(ConnectFields.QueueIdOffset, RefusalReason.InvalidParameter,
                "a discovery controller has no I/O queues");
        }

        // The association may have ended, or be ending, without the host having noticed: it would connect the admin queue again.
        if (state is ControllerState.Failed or ControllerState.Closed)
            return UnknownController();
        if (state != ControllerState.Ready)
        {
            return ConnectRefusal.InEntry(ConnectFields.QueueIdOffset, RefusalReason.ControllerNotReady,
                "the controller is not enabled, or is being reset or shut down").Retryable();
        }
        if (configuration.SubmissionEntryShift != SubmissionEntryShift || configuration.CompletionEntryShift != CompletionEntryShift)
        {
            return ConnectRefusal.InEntry(ConnectFields.QueueIdOffset, RefusalReason.InvalidParameter,
                "CC.IOSQES is not 6, or CC.IOCQES is not 4");
        }
        if (fields.QueueId > queuesGranted)
        {
            return ConnectRefusal.InEntry(ConnectFields.QueueIdOffset, Limit.IoQueuesOfController.Reason,
                Limit.IoQueuesOfController.Detail, $"See {Limit.IoQueuesOfController.Setting}");
        }
        return ConnectRefusal.None;
    }

    /// <summary>No controller of this identifier. Retryable: controllers go when a network fails, and a host that was told not to retry
    /// would give up a disk that is a reconnect away.</summary>
    public static ConnectRefusal UnknownController() =>
        ConnectRefusal.InConnectData(ConnectCommandData.ControllerIdOffset, RefusalReason.UnknownController,
            "the controller does not exist, or not any more", ConnectRefusal.WaitRemedy).Retryable();

    /// <summary>The queue identifier is taken. Retryable: the old connection of the queue may not have come to its end.</summary>
    public static ConnectRefusal QueueInUse() =>
        ConnectRefusal.Because(NvmeStatus.CommandSequenceError, RefusalReason.QueueInUse, "the queue identifier is in use",
            ConnectRefusal.WaitRemedy).Retryable();
}
