namespace ManagedNvmet.Announcing.Dns;

/// <summary>The sections of a DNS message, in the order of the wire format.</summary>
internal enum DnsSection
{
    Questions,
    Answers,
    Authorities,
    Additionals,
}
