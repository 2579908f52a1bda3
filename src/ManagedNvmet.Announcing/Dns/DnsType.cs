namespace ManagedNvmet.Announcing.Dns;

/// <summary>The types of records that services are told by.</summary>
internal enum DnsType : ushort
{
    A = 1,
    NameServer = 2,
    CanonicalName = 5,
    Pointer = 12,
    Text = 16,
    Aaaa = 28,
    Service = 33,
    Delegation = 39,

    /// <summary>Says which types of records a name has, and so that it has no others (NSEC).</summary>
    NextSecure = 47,

    /// <summary>Only in questions.</summary>
    Any = 255,
}
