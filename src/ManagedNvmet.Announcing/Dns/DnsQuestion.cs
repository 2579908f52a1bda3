namespace ManagedNvmet.Announcing.Dns;

/// <summary>A question of a DNS message.</summary>
/// <param name="Name">Queried name.</param>
/// <param name="Type">Queried record type, or <see cref="DnsType.Any"/>.</param>
/// <param name="Class">Queried class: 1 is IN (internet), 255 is any.</param>
/// <param name="WantsUnicast">True when the querier accepts a unicast response (the QU bit of RFC 6762).</param>
internal sealed record DnsQuestion(DnsName Name, DnsType Type, ushort Class, bool WantsUnicast);
