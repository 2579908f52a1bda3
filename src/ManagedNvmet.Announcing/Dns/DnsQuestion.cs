namespace ManagedNvmet.Announcing.Dns;

/// <summary>A question of a message.</summary>
/// <param name="Name">What is asked about.</param>
/// <param name="Type">The type of record, or any.</param>
/// <param name="Class">1 for the internet, 255 for any.</param>
/// <param name="WantsUnicast">The answer may go to the asker alone.</param>
internal sealed record DnsQuestion(DnsName Name, DnsType Type, ushort Class, bool WantsUnicast);
