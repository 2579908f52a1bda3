using System.Net;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>A record of a service, with the times of its last and its next multicast.</summary>
internal sealed class OwnedRecord(DnsRecord record)
{
    /// <summary>Value of <see cref="Due"/> when no multicast is scheduled.</summary>
    public const long Never = long.MaxValue;

    public DnsRecord Record { get; } = record;

    /// <summary>Time of the last multicast in milliseconds.</summary>
    public long LastSent { get; set; } = long.MinValue / 2;

    /// <summary>Time of the next multicast in milliseconds.</summary>
    public long Due { get; set; } = Never;

    /// <summary>Querier whose truncated query scheduled the multicast, if it is the only one. Its next message may say that it already
    /// knows the record, which cancels the multicast. Otherwise null.</summary>
    public IPEndPoint? Querier { get; set; }
}
