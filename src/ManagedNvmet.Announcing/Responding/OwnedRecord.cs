using System.Net;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>A record that is answered with, and when it was and will be sent.</summary>
internal sealed class OwnedRecord(DnsRecord record)
{
    public const long Never = long.MaxValue;

    public DnsRecord Record { get; } = record;

    /// <summary>When it was last multicast, in milliseconds.</summary>
    public long LastSent { get; set; } = long.MinValue / 2;

    /// <summary>When it will be.</summary>
    public long Due { get; set; } = Never;

    /// <summary>The only one who asked, and may yet say that it knows the record already; null for several.</summary>
    public IPEndPoint? Asker { get; set; }
}
