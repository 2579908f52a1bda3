namespace ManagedNvmet;

/// <summary>The result of a command: the Status field of a completion queue entry
/// (NVM Express Base Specification, "Completion Queue Entry: Status Field").</summary>
/// <remarks>The value is the 16-bit field with the phase bit cleared: SC in bits 8:1, SCT in bits 11:9, More in bit 14, Do Not Retry in
/// bit 15.</remarks>
public readonly record struct NvmeStatus
{
    private const ushort DoNotRetryBit = 0x8000;
    private const ushort MoreBit = 0x4000;

    /// <summary>Creates a status from the 16-bit field of a completion queue entry. Clears the phase bit.</summary>
    public NvmeStatus(ushort value) => Value = (ushort)(value & 0xFFFE);

    private NvmeStatus(int codeType, int code, bool doNotRetry) =>
        Value = (ushort)((codeType << 9) | (code << 1) | (doNotRetry ? DoNotRetryBit : 0));

    /// <summary>The 16-bit field, little-endian on the wire, phase bit 0.</summary>
    public ushort Value { get; }

    /// <summary>Status Code (SC), 0 to 255.</summary>
    public int Code => (Value >> 1) & 0xFF;

    /// <summary>Status Code Type (SCT), 0 to 7.</summary>
    public int CodeType => (Value >> 9) & 7;

    /// <summary>Do Not Retry (DNR): tells the host that the same command would fail again.</summary>
    public bool DoNotRetry => (Value & DoNotRetryBit) != 0;

    /// <summary>More (M): tells the host that the Error Information log page has an entry about this command.</summary>
    public bool More => (Value & MoreBit) != 0;

    /// <summary>True for Successful Completion.</summary>
    public bool IsSuccess => (Value & 0x0FFE) == 0;

    /// <summary>Returns this status with Do Not Retry set.</summary>
    public NvmeStatus WithDoNotRetry() => new((ushort)(Value | DoNotRetryBit));

    /// <summary>Returns this status with Do Not Retry cleared, so that the host may retry the command.</summary>
    public NvmeStatus Retryable() => new((ushort)(Value & ~DoNotRetryBit));

    /// <summary>Returns this status with More set. Use it when the Error Information log page has an entry about the command.</summary>
    public NvmeStatus WithMore() => new((ushort)(Value | MoreBit));

    /// <summary>Returns true when status code type and status code are equal. Ignores Do Not Retry and More.</summary>
    public bool IsSameCode(NvmeStatus other) => ((Value ^ other.Value) & 0x0FFE) == 0;

    /// <inheritdoc/>
    public override string ToString() => $"{CodeType:X}/{Code:X2}{(DoNotRetry ? " DNR" : "")}";

    private static NvmeStatus Permanent(int codeType, int code) => new(codeType, code, doNotRetry: true);

    private static NvmeStatus Transient(int codeType, int code) => new(codeType, code, doNotRetry: false);

    // Generic command status, SCT 0.

    /// <summary>0/00: the command succeeded.</summary>
    public static NvmeStatus Success => default;

    /// <summary>0/01: this queue does not support the opcode.</summary>
    public static NvmeStatus InvalidOpcode => Permanent(0, 0x01);

    /// <summary>0/02: a defined field holds a reserved or unsupported value.</summary>
    public static NvmeStatus InvalidField => Permanent(0, 0x02);

    /// <summary>0/03: another outstanding command of this queue has the same command identifier.</summary>
    public static NvmeStatus CommandIdConflict => Permanent(0, 0x03);

    /// <summary>0/04: the transfer of the data or metadata failed.</summary>
    public static NvmeStatus DataTransferError => Transient(0, 0x04);

    /// <summary>0/06: the target failed because of an error of its own.</summary>
    public static NvmeStatus InternalError => Transient(0, 0x06);

    /// <summary>0/07: an Abort command aborted this command.</summary>
    public static NvmeStatus CommandAborted => Transient(0, 0x07);

    /// <summary>0/08: the submission queue was deleted.</summary>
    public static NvmeStatus AbortedBySubmissionQueueDeletion => Transient(0, 0x08);

    /// <summary>0/0B: the namespace does not exist, or its format does not fit the command.</summary>
    public static NvmeStatus InvalidNamespace => Permanent(0, 0x0B);

    /// <summary>0/0C: the command is not allowed in the present state of the queue or controller.</summary>
    public static NvmeStatus CommandSequenceError => Permanent(0, 0x0C);

    /// <summary>0/0F: the SGL length does not fit the command.</summary>
    public static NvmeStatus DataSglLengthInvalid => Permanent(0, 0x0F);

    /// <summary>0/11: this SGL descriptor type is not supported.</summary>
    public static NvmeStatus SglDescriptorTypeInvalid => Permanent(0, 0x11);

    /// <summary>0/16: the in-capsule data offset is not 0.</summary>
    public static NvmeStatus SglOffsetInvalid => Permanent(0, 0x16);

    /// <summary>0/18: the command uses the 64-bit host identifier where the controller uses the 128-bit one, or the reverse.</summary>
    public static NvmeStatus HostIdentifierInconsistentFormat => Permanent(0, 0x18);

    /// <summary>0/19: the Keep Alive Timer expired.</summary>
    public static NvmeStatus KeepAliveTimeoutExpired => Transient(0, 0x19);

    /// <summary>0/1A: the Keep Alive Timeout value is not supported.</summary>
    public static NvmeStatus KeepAliveTimeoutInvalid => Permanent(0, 0x1A);

    /// <summary>0/20: the namespace is write protected.</summary>
    public static NvmeStatus NamespaceWriteProtected => Permanent(0, 0x20);

    /// <summary>0/22: the transport damaged the data of this command; the host may retry.</summary>
    public static NvmeStatus TransientTransportError => Transient(0, 0x22);

    /// <summary>0/80: the command addresses blocks beyond the end of the namespace.</summary>
    public static NvmeStatus LbaOutOfRange => Permanent(0, 0x80);

    /// <summary>0/81: the medium has no free space left.</summary>
    public static NvmeStatus CapacityExceeded => Permanent(0, 0x81);

    /// <summary>0/82: the namespace is temporarily not ready.</summary>
    public static NvmeStatus NamespaceNotReady => Transient(0, 0x82);

    // Command specific status, SCT 1.

    /// <summary>1/01: the queue identifier is in use or out of range.</summary>
    public static NvmeStatus InvalidQueueIdentifier => Permanent(1, 0x01);

    /// <summary>1/03: too many Abort commands are outstanding.</summary>
    public static NvmeStatus AbortCommandLimitExceeded => Permanent(1, 0x03);

    /// <summary>1/05: too many Asynchronous Event Request commands are outstanding.</summary>
    public static NvmeStatus AsyncEventRequestLimitExceeded => Permanent(1, 0x05);

    /// <summary>1/09: the log page does not exist or is not supported.</summary>
    public static NvmeStatus InvalidLogPage => Permanent(1, 0x09);

    /// <summary>1/0D: the feature cannot be saved.</summary>
    public static NvmeStatus FeatureNotSaveable => Permanent(1, 0x0D);

    /// <summary>1/0E: the feature cannot be changed.</summary>
    public static NvmeStatus FeatureNotChangeable => Permanent(1, 0x0E);

    /// <summary>1/0F: the feature belongs to the controller, but the command names a namespace.</summary>
    public static NvmeStatus FeatureNotNamespaceSpecific => Permanent(1, 0x0F);

    /// <summary>1/2C: the I/O command set is not supported.</summary>
    public static NvmeStatus InvalidIoCommandSet => Permanent(1, 0x2C);

    /// <summary>1/2F: the host's discovery registration is malformed, or describes another host.</summary>
    public static NvmeStatus InvalidDiscoveryInformation => Permanent(1, 0x2F);

    /// <summary>1/32: the discovery controller cannot store another registration.</summary>
    public static NvmeStatus InsufficientDiscoveryResources => Transient(1, 0x32);

    /// <summary>1/80 for Connect: the record format (RECFMT) is not supported.</summary>
    public static NvmeStatus IncompatibleFormat => Permanent(1, 0x80);

    /// <summary>1/81 for Connect: no controller is available at the moment.</summary>
    public static NvmeStatus ControllerBusy => Transient(1, 0x81);

    /// <summary>1/82 for Connect: a parameter is invalid; the result field (IATTR, IPO) identifies it.</summary>
    public static NvmeStatus ConnectInvalidParameters => Permanent(1, 0x82);

    /// <summary>1/84 for Connect: this host may not use this subsystem.</summary>
    public static NvmeStatus ConnectInvalidHost => Permanent(1, 0x84);

    /// <summary>1/85 for Disconnect: the command is not allowed on this type of queue.</summary>
    public static NvmeStatus InvalidQueueType => Permanent(1, 0x85);

    // Media and data integrity errors, SCT 2.

    /// <summary>2/80: the medium could not write the data.</summary>
    public static NvmeStatus WriteFault => Permanent(2, 0x80);

    /// <summary>2/81: the medium could not read the data.</summary>
    public static NvmeStatus UnrecoveredReadError => Permanent(2, 0x81);

    /// <summary>2/86: the medium refused access.</summary>
    public static NvmeStatus AccessDenied => Permanent(2, 0x86);

    // Path related status, SCT 3. A host with several paths retries the command on another path.

    /// <summary>3/01: ANA Persistent Loss: this controller can never access the namespace again.</summary>
    public static NvmeStatus AnaPersistentLoss => Transient(3, 0x01);

    /// <summary>3/02: ANA Inaccessible: this controller cannot access the namespace at the moment.</summary>
    public static NvmeStatus AnaInaccessible => Transient(3, 0x02);

    /// <summary>3/03: ANA Transition: the ANA state of the namespace on this controller is changing.</summary>
    public static NvmeStatus AnaTransition => Transient(3, 0x03);
}
