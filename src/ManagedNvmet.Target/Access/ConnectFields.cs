using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Access;

/// <summary>What a Connect command says (Base Specification, "Connect command"), once it is known to be well formed.</summary>
internal readonly ref struct ConnectFields
{
    // Offsets of fields in the submission queue entry, for the Invalid Parameter Offset (IPO).
    public const int FlagsOffset = 1;
    public const int SglOffset = 24;
    public const int QueueIdOffset = 42;
    public const int QueueSizeOffset = 44;

    private ConnectFields(in SubmissionEntry entry, ReadOnlySpan<byte> data, Nqn subsystemNqn, Nqn hostNqn)
    {
        QueueId = (int)(entry.Cdw10 >> 16);
        Entries = (int)(entry.Cdw11 & 0xFFFF) + 1;
        DisablesFlowControl = (entry.Cdw11 & ConnectCommandData.DisableFlowControl) != 0;
        KeepAliveMilliseconds = entry.Cdw12;
        HostId = data.Slice(ConnectCommandData.HostIdOffset, ConnectCommandData.HostIdBytes);
        ControllerId = ConnectCommandData.ControllerId(data);
        SubsystemNqn = subsystemNqn;
        HostNqn = hostNqn;
    }

    /// <summary>QID.</summary>
    public int QueueId { get; }

    /// <summary>SQSIZE + 1.</summary>
    public int Entries { get; }

    /// <summary>CATTR.DISSQFC.</summary>
    public bool DisablesFlowControl { get; }

    /// <summary>KATO in milliseconds; without meaning on an I/O queue.</summary>
    public uint KeepAliveMilliseconds { get; }

    /// <summary>HOSTID, 16 bytes.</summary>
    public ReadOnlySpan<byte> HostId { get; }

    /// <summary>CNTLID.</summary>
    public ushort ControllerId { get; }

    /// <summary>SUBNQN.</summary>
    public Nqn SubsystemNqn { get; }

    /// <summary>HOSTNQN; <see cref="Nqn.Unnamed"/> for an empty field, which SPDK's tools send. Only a subsystem that allows any host
    /// takes such a host.</summary>
    public Nqn HostNqn { get; }

    /// <summary>Checks what can be checked before the data is there.</summary>
    public static ConnectRefusal CheckLength(uint sglLength) => sglLength == ConnectCommandData.Size
        ? ConnectRefusal.None
        : ConnectRefusal.InEntry(SglOffset, RefusalReason.InvalidParameter, "the length of the Connect data is not 1024 bytes");

    /// <summary>Checks everything that the command alone shows, in the specification's order.</summary>
    public static ConnectRefusal TryRead(in SubmissionEntry entry, ReadOnlySpan<byte> data, TargetLimits limits, out ConnectFields fields)
    {
        fields = default;
        if (data.Length != ConnectCommandData.Size)
            return CheckLength((uint)data.Length);
        if ((entry.Cdw10 & 0xFFFF) != 0)
            return ConnectRefusal.Because(
                NvmeStatus.IncompatibleFormat, RefusalReason.InvalidParameter, "the record format (RECFMT) is not 0");

        bool isAdmin = entry.Cdw10 >> 16 == 0;
        int entries = (int)(entry.Cdw11 & 0xFFFF) + 1;
        if (entries < 2)
            return ConnectRefusal.InEntry(QueueSizeOffset, RefusalReason.InvalidParameter, "the queue size (SQSIZE) is 0");
        if (isAdmin && entries > limits.MaxAdminQueueEntries)
        {
            return ConnectRefusal.InEntry(QueueSizeOffset, RefusalReason.QueueTooLarge, "the admin queue is too large",
                "See TargetLimits.MaxAdminQueueEntries");
        }
        if (!isAdmin && entries > limits.MaxQueueEntries)
        {
            return ConnectRefusal.InEntry(QueueSizeOffset, RefusalReason.QueueTooLarge, "the I/O queue is too large",
                "See TargetLimits.MaxQueueEntries");
        }

        ReadOnlySpan<byte> subsystemField = data.Slice(ConnectCommandData.SubsystemNqnOffset, Nqn.FieldBytes);
        if (!Nqn.TryReadField(subsystemField, out Nqn? subsystemNqn))
        {
            return ConnectRefusal.InConnectData(
                ConnectCommandData.SubsystemNqnOffset, RefusalReason.InvalidParameter, "the subsystem NQN is malformed");
        }
        ReadOnlySpan<byte> hostField = data.Slice(ConnectCommandData.HostNqnOffset, Nqn.FieldBytes);
        Nqn? hostNqn = Nqn.Unnamed;
        if (hostField[0] != 0 && !Nqn.TryReadField(hostField, out hostNqn))
        {
            return ConnectRefusal.InConnectData(
                ConnectCommandData.HostNqnOffset, RefusalReason.InvalidParameter, "the host NQN is malformed");
        }
        fields = new ConnectFields(entry, data, subsystemNqn, hostNqn);
        return ConnectRefusal.None;
    }
}
