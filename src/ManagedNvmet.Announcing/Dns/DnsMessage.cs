namespace ManagedNvmet.Announcing.Dns;

/// <summary>A received DNS message.</summary>
internal sealed class DnsMessage
{
    /// <summary>Header flags of an authoritative response (QR and AA).</summary>
    public const ushort ResponseFlags = 0x8400;

    /// <summary>TC flag. In a query: more known answers follow. In a response: some records did not fit.</summary>
    public const ushort TruncatedFlag = 0x0200;

    private const ushort ResponseFlag = 0x8000;
    private const ushort OperationAndErrorMask = 0x780F;

    public ushort Id { get; init; }

    public ushort Flags { get; init; }

    public List<DnsQuestion> Questions { get; } = [];

    /// <summary>Answer section. In a query it lists the answers that the querier already knows (RFC 6762, "Known-Answer
    /// Suppression").</summary>
    public List<DnsRecord> Answers { get; } = [];

    /// <summary>Authority section. In a probe it lists the records that the prober wants to own (RFC 6762, "Probing").</summary>
    public List<DnsRecord> Authorities { get; } = [];

    public List<DnsRecord> Additionals { get; } = [];

    public bool IsResponse => (Flags & ResponseFlag) != 0;

    public bool IsTruncated => (Flags & TruncatedFlag) != 0;

    /// <summary>True when opcode and response code are 0. Receivers ignore all other multicast DNS messages.</summary>
    public bool IsStandard => (Flags & OperationAndErrorMask) == 0;
}
