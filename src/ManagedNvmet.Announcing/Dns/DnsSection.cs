namespace ManagedNvmet.Announcing.Dns;

/// <summary>The sections of a message, in their order.</summary>
internal enum DnsSection
{
    Questions,
    Answers,
    Authorities,
    Additionals,
}
