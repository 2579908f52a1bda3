namespace ManagedNvmet;

/// <summary>The outcome of a command, as the Status field of a completion queue entry carries it
/// (NVM Express Base Specification, "Completion Queue Entry: Status Field").</summary>
/// <remarks>The value is the 16-bit field with the phase bit clear: SC in bits 8:1, SCT in bits 11:9, More in bit 14, Do Not Retry in bit 15.</remarks>
public readonly record struct NvmeStatus
{
    private const ushort DoNotRetryBit = 0x8000;
    private const ushort MoreBit = 0x4000;

    /// <summary>Takes the field as it stands in a completion queue entry; the phase bit is dropped.</summary>
    public NvmeStatus(ushort value) => Value = (ushort)(value & 0xFFFE);

    private NvmeStatus(int codeType, int code, bool doNotRetry) =>
        Value = (ushort)((codeType << 9) | (code << 1) | (doNotRetry ? DoNotRetryBit : 0));

    /// <summary>The 16-bit field, little-endian on the wire, phase bit 0.</summary>
    public ushort Value { get; }

    /// <summary>Status Code (SC), 0 to 255.</summary>
    public int Code => (Value >> 1) & 0xFF;

    /// <summary>Status Code Type (SCT), 0 to 7.</summary>
    public int CodeType => (Value >> 9) & 7;

    /// <summary>True when the host is told that the same command would fail again.</summary>
    public bool DoNotRetry => (Value & DoNotRetryBit) != 0;

    /// <summary>True when the Error Information log page holds an entry about this command.</summary>
    public bool More => (Value & MoreBit) != 0;

    /// <summary>True for Successful Completion.</summary>
    public bool IsSuccess => (Value & 0x0FFE) == 0;

    /// <summary>The same status with Do Not Retry set.</summary>
    public NvmeStatus WithDoNotRetry() => new((ushort)(Value | DoNotRetryBit));

    /// <summary>The same status with Do Not Retry clear: the host may try again.</summary>
    public NvmeStatus Retryable() => new((ushort)(Value & ~DoNotRetryBit));

    /// <summary>The same status with More set: there is an entry in the Error Information log page.</summary>
    public NvmeStatus WithMore() => new((ushort)(Value | MoreBit));

    /// <summary>Compares status code type and status code only, not Do Not Retry or More.</summary>
    public bool IsSameCode(NvmeStatus other) => ((Value ^ other.Value) & 0x0FFE) == 0;

    /// <inheritdoc/>
    public override string ToString() => $"{CodeType:X}/{Code:X2}{(DoNotRetry ? " DNR" : "")}";

    private static NvmeStatus Permanent(int codeType, int code) => new(codeType, code, doNotRetry: true);

    private static NvmeStatus Transient(int codeType, int code) => new(codeType, code, doNotRetry: false);

    // Generic command status, SCT 0.

    /// <summary>0/00.</summary>
    public static NvmeStatus Success => default;

    /// <summary>0/01: the opcode is not supported here.</summary>
    public static NvmeStatus InvalidOpcode => Permanent(0, 0x01);

    /// <summary>0/02: a defined field holds a reserved or unsupported value.</summary>
    public static NvmeStatus InvalidField => Permanent(0, 0x02);

    /// <summary>0/03: the command identifier is in use on this queue.</summary>
    public static NvmeStatus CommandIdConflict => Permanent(0, 0x03);

    /// <summary>0/04: the data or metadata could not be transferred.</summary>
    public static NvmeStatus DataTransferError => Transient(0, 0x04);

    /// <summary>0/06: an error of the target itself.</summary>
    public static NvmeStatus InternalError => Transient(0, 0x06);

    /// <summary>0/07: an Abort command ended this command.</summary>
    public static NvmeStatus CommandAborted => Transient(0, 0x07);

    /// <summary>0/08: the submission queue was deleted.</summary>
    public static NvmeStatus AbortedBySubmissionQueueDeletion => Transient(0, 0x08);

    /// <summary>0/0B: no such namespace, or not in this format.</summary>
    public static NvmeStatus InvalidNamespace => Permanent(0, 0x0B);

    /// <summary>0/0C: the command is not allowed in this state.</summary>
    public static NvmeStatus CommandSequenceError => Permanent(0, 0x0C);

    /// <summary>0/0F: the SGL length does not fit the command.</summary>
    public static NvmeStatus DataSglLengthInvalid => Permanent(0, 0x0F);

    /// <summary>0/11: this SGL descriptor type is not supported.</summary>
    public static NvmeStatus SglDescriptorTypeInvalid => Permanent(0, 0x11);

    /// <summary>0/16: the in-capsule data offset is not 0.</summary>
    public static NvmeStatus SglOffsetInvalid => Permanent(0, 0x16);

    /// <summary>0/18: the host identifier was asked for in the wrong length.</summary>
    public static NvmeStatus HostIdentifierInconsistentFormat => Permanent(0, 0x18);

    /// <summary>0/19: the Keep Alive Timer ran out.</summary>
    public static NvmeStatus KeepAliveTimeoutExpired => Transient(0, 0x19);

    /// <summary>0/1A: the Keep Alive Timeout value is not supported.</summary>
    public static NvmeStatus KeepAliveTimeoutInvalid => Permanent(0, 0x1A);

    /// <summary>0/20: the namespace cannot be written.</summary>
    public static NvmeStatus NamespaceWriteProtected => Permanent(0, 0x20);

    /// <summary>0/22: the transport damaged the data of this command; the host may retry.</summary>
    public static NvmeStatus TransientTransportError => Transient(0, 0x22);

    /// <summary>0/80: the blocks addressed lie beyond the namespace.</summary>
    public static NvmeStatus LbaOutOfRange => Permanent(0, 0x80);

    /// <summary>0/81: the medium has no room left.</summary>
    public static NvmeStatus CapacityExceeded => Permanent(0, 0x81);

    /// <summary>0/82: the namespace cannot be used at the moment.</summary>
    public static NvmeStatus NamespaceNotReady => Transient(0, 0x82);

    // Command specific status, SCT 1.

    /// <summary>1/01: the queue identifier is in use or out of range.</summary>
    public static NvmeStatus InvalidQueueIdentifier => Permanent(1, 0x01);

    /// <summary>1/03: too many Abort commands are outstanding.</summary>
    public static NvmeStatus AbortCommandLimitExceeded => Permanent(1, 0x03);

    /// <summary>1/05: too many Asynchronous Event Request commands are outstanding.</summary>
    public static NvmeStatus AsyncEventRequestLimitExceeded => Permanent(1, 0x05);

    /// <summary>1/09: no such log page.</summary>
    public static NvmeStatus InvalidLogPage => Permanent(1, 0x09);

    /// <summary>1/0D: the feature cannot be saved.</summary>
    public static NvmeStatus FeatureNotSaveable => Permanent(1, 0x0D);

    /// <summary>1/0E: the feature cannot be changed.</summary>
    public static NvmeStatus FeatureNotChangeable => Permanent(1, 0x0E);

    /// <summary>1/0F: the feature belongs to the controller, not to a namespace.</summary>
    public static NvmeStatus FeatureNotNamespaceSpecific => Permanent(1, 0x0F);

    /// <summary>1/2C: the I/O command set is not supported.</summary>
    public static NvmeStatus InvalidIoCommandSet => Permanent(1, 0x2C);

    /// <summary>1/2F: what the host registers is malformed, or is not about itself.</summary>
    public static NvmeStatus InvalidDiscoveryInformation => Permanent(1, 0x2F);

    /// <summary>1/32: there is no room for another registration.</summary>
    public static NvmeStatus InsufficientDiscoveryResources => Transient(1, 0x32);

    /// <summary>1/80 for Connect: the record format is not supported.</summary>
    public static NvmeStatus IncompatibleFormat => Permanent(1, 0x80);

    /// <summary>1/81 for Connect: no controller can be had at the moment.</summary>
    public static NvmeStatus ControllerBusy => Transient(1, 0x81);

    /// <summary>1/82 for Connect: a parameter is wrong; the result says which.</summary>
    public static NvmeStatus ConnectInvalidParameters => Permanent(1, 0x82);

    /// <summary>1/84 for Connect: this host may not use this subsystem.</summary>
    public static NvmeStatus ConnectInvalidHost => Permanent(1, 0x84);

    /// <summary>1/85 for Disconnect: not on this type of queue.</summary>
    public static NvmeStatus InvalidQueueType => Permanent(1, 0x85);

    // Media and data integrity errors, SCT 2.

    /// <summary>2/80: the medium did not take the data.</summary>
    public static NvmeStatus WriteFault => Permanent(2, 0x80);

    /// <summary>2/81: the medium did not give the data back.</summary>
    public static NvmeStatus UnrecoveredReadError => Permanent(2, 0x81);

    /// <summary>2/86: the medium refused access.</summary>
    public static NvmeStatus AccessDenied => Permanent(2, 0x86);

    // Path related status, SCT 3. A host with several paths tries another one.

    /// <summary>3/01: the namespace cannot be reached through this controller any more.</summary>
    public static NvmeStatus AnaPersistentLoss => Transient(3, 0x01);

    /// <summary>3/02: the namespace cannot be reached through this controller at the moment.</summary>
    public static NvmeStatus AnaInaccessible => Transient(3, 0x02);

    /// <summary>3/03: how the namespace is reached through this controller is being changed.</summary>
    public static NvmeStatus AnaTransition => Transient(3, 0x03);
}
