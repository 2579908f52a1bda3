namespace ManagedNvmet.Announcing.Dns;

/// <summary>A message that was read.</summary>
internal sealed class DnsMessage
{
    /// <summary>A response of the one who knows best (QR and AA).</summary>
    public const ushort ResponseFlags = 0x8400;

    /// <summary>More of it follows, or did not fit (TC).</summary>
    public const ushort TruncatedFlag = 0x0200;

    private const ushort ResponseFlag = 0x8000;
    private const ushort OperationAndErrorMask = 0x780F;

    public ushort Id { get; init; }

    public ushort Flags { get; init; }

    public List<DnsQuestion> Questions { get; } = [];

    /// <summary>In a query what the asker knows already.</summary>
    public List<DnsRecord> Answers { get; } = [];

    /// <summary>In a probe what the prober wants to own.</summary>
    public List<DnsRecord> Authorities { get; } = [];

    public List<DnsRecord> Additionals { get; } = [];

    public bool IsResponse => (Flags & ResponseFlag) != 0;

    public bool IsTruncated => (Flags & TruncatedFlag) != 0;

    /// <summary>A standard query or its response, without an error: nothing else means anything in multicast DNS.</summary>
    public bool IsStandard => (Flags & OperationAndErrorMask) == 0;
}
