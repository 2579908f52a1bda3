using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>State of a service on a link: its records and its phase.</summary>
internal sealed class ServiceState
{
    public ServiceState(LinkService service)
    {
        Service = service;
        Pointer = new OwnedRecord(DnsRecord.Pointer(service.Type, service.Instance));
        Location = new OwnedRecord(DnsRecord.Service(service.Instance, service.TcpPort, service.Host));
        Text = new OwnedRecord(DnsRecord.Text(service.Instance, service.Texts));
        Addresses = [.. service.Addresses.Select(address => new OwnedRecord(DnsRecord.Address(service.Host, address)))];
        InstanceTypes = new OwnedRecord(DnsRecord.Types(service.Instance, DnsType.Text, DnsType.Service));
        HostTypes = new OwnedRecord(DnsRecord.Types(
            service.Host,
            [.. Addresses.Select(address => address.Record.Type).Distinct()]));
    }

    public LinkService Service { get; }

    public ServicePhase Phase { get; set; } = ServicePhase.Probing;

    /// <summary>Number of probes or announcements sent in this phase.</summary>
    public int Step { get; set; }

    /// <summary>Time of the next probe or announcement in milliseconds.</summary>
    public long Due { get; set; } = OwnedRecord.Never;

    public OwnedRecord Pointer { get; }

    public OwnedRecord Location { get; }

    public OwnedRecord Text { get; }

    public IReadOnlyList<OwnedRecord> Addresses { get; }

    /// <summary>NSEC record that answers queries for record types that the instance name does not have.</summary>
    public OwnedRecord InstanceTypes { get; }

    /// <summary>NSEC record that answers queries for record types that the host name does not have.</summary>
    public OwnedRecord HostTypes { get; }

    /// <summary>True when the service owns its names, so that the responder answers queries for them.</summary>
    public bool IsUp => Phase is ServicePhase.Announcing or ServicePhase.Announced;

    /// <summary>Records that announcements and goodbye messages contain.</summary>
    public IEnumerable<OwnedRecord> Announced => [Pointer, Location, Text, .. Addresses];

    /// <summary>Records whose names no other machine may use.</summary>
    public IEnumerable<OwnedRecord> Unique => [Location, Text, .. Addresses];

    /// <summary>All records that answers may contain.</summary>
    public IEnumerable<OwnedRecord> All => [.. Announced, InstanceTypes, HostTypes];

    /// <summary>Returns the records that answer a question; none when it is not about this service.</summary>
    public IEnumerable<OwnedRecord> Answers(DnsQuestion question)
    {
        bool isAny = question.Type == DnsType.Any;
        if (question.Name.Equals(Service.Type))
            return isAny || question.Type == DnsType.Pointer ? [Pointer] : [];
        if (question.Name.Equals(Service.Instance))
        {
            return isAny ? [Location, Text]
                : question.Type == DnsType.Service ? [Location]
                : question.Type == DnsType.Text ? [Text]
                : [InstanceTypes];
        }
        if (!question.Name.Equals(Service.Host))
            return [];
        OwnedRecord[] found = [.. Addresses.Where(address => isAny || address.Record.Type == question.Type)];
        return found.Length > 0 ? found : [HostTypes];
    }

    /// <summary>Returns the additional records for an answer: those that the querier would ask for next.</summary>
    public IEnumerable<OwnedRecord> AdditionalsFor(OwnedRecord answer) =>
        answer == Pointer ? [Location, Text, .. Addresses] : answer == Location ? Addresses : [];

    /// <summary>Returns true when a received record claims one of this service's names for another machine.</summary>
    public bool ConflictsWith(DnsRecord other)
    {
        if (other.Class != DnsRecord.Internet || other.TimeToLive == 0 || other.Type == DnsType.NextSecure)
            return false;
        if (other.Name.Equals(Service.Instance))
        {
            return other.Type switch
            {
                DnsType.Service => !other.IsSame(Location.Record),
                DnsType.Text => !other.IsSame(Text.Record),
                _ => Phase == ServicePhase.Probing,
            };
        }
        if (!other.Name.Equals(Service.Host))
            return false;
        return other.Type is DnsType.A or DnsType.Aaaa ? !IsOwnAddress(other) : Phase == ServicePhase.Probing;
    }

    /// <summary>Compares the records of this service with those of another machine's simultaneous probe. Returns a negative number when the
    /// other machine wins, 0 when both claim the same (RFC 6762, "Simultaneous Probe Tiebreaking").</summary>
    public int CompareProbe(IEnumerable<DnsRecord> others)
    {
        int order = Compare([Location.Record, Text.Record], others.Where(other => other.Name.Equals(Service.Instance)));
        if (order != 0)
            return order;
        DnsRecord[] addresses = [.. others.Where(other => other.Name.Equals(Service.Host))];
        return addresses.All(other => other.Type is DnsType.A or DnsType.Aaaa && IsOwnAddress(other))
            ? 0
            : Compare(Addresses.Select(address => address.Record), addresses);
    }

    private bool IsOwnAddress(DnsRecord record) => Service.OwnAddresses.Contains(new System.Net.IPAddress(record.Data.Span));

    // The first pair that differs decides. If one list is the beginning of the other, the longer one wins. An empty list of the other
    // machine means that it does not probe for this name.
    private static int Compare(IEnumerable<DnsRecord> ours, IEnumerable<DnsRecord> others)
    {
        DnsRecord[] left = [.. ours.Order(Comparer<DnsRecord>.Create((a, b) => a.CompareTo(b)))];
        DnsRecord[] right = [.. others.Order(Comparer<DnsRecord>.Create((a, b) => a.CompareTo(b)))];
        if (right.Length == 0)
            return 0;
        for (int index = 0; index < Math.Min(left.Length, right.Length); index++)
        {
            int order = left[index].CompareTo(right[index]);
            if (order != 0)
                return order;
        }
        return left.Length.CompareTo(right.Length);
    }
}
