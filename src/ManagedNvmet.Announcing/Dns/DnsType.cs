namespace ManagedNvmet.Announcing.Dns;

/// <summary>DNS record types: those that the responder publishes, and those whose data contains a name.</summary>
internal enum DnsType : ushort
{
    /// <summary>A: an IPv4 address.</summary>
    A = 1,

    /// <summary>NS: a name server.</summary>
    NameServer = 2,

    /// <summary>CNAME: an alias of a name.</summary>
    CanonicalName = 5,

    /// <summary>PTR: another name; lists the instances of a service type.</summary>
    Pointer = 12,

    /// <summary>TXT: strings that describe a service.</summary>
    Text = 16,

    /// <summary>AAAA: an IPv6 address.</summary>
    Aaaa = 28,

    /// <summary>SRV: host name and port of a service.</summary>
    Service = 33,

    /// <summary>DNAME: an alias of all names below a name.</summary>
    Delegation = 39,

    /// <summary>NSEC: the record types that a name has. It tells the receiver that the name has no others.</summary>
    NextSecure = 47,

    /// <summary>All types. Valid in questions only.</summary>
    Any = 255,
}
