using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>A service on a link: its records and how far it has come.</summary>
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

    /// <summary>Probes or announcements that were sent in this phase.</summary>
    public int Step { get; set; }

    /// <summary>When the next step is due.</summary>
    public long Due { get; set; } = OwnedRecord.Never;

    public OwnedRecord Pointer { get; }

    public OwnedRecord Location { get; }

    public OwnedRecord Text { get; }

    public IReadOnlyList<OwnedRecord> Addresses { get; }

    /// <summary>What to say when somebody asks for what its name has not.</summary>
    public OwnedRecord InstanceTypes { get; }

    /// <summary>What to say when somebody asks for what its host has not.</summary>
    public OwnedRecord HostTypes { get; }

    /// <summary>It answers.</summary>
    public bool IsUp => Phase is ServicePhase.Announcing or ServicePhase.Announced;

    /// <summary>What is announced.</summary>
    public IEnumerable<OwnedRecord> Announced => [Pointer, Location, Text, .. Addresses];

    /// <summary>What nobody else may have, by name.</summary>
    public IEnumerable<OwnedRecord> Unique => [Location, Text, .. Addresses];

    /// <summary>All that may be answered with.</summary>
    public IEnumerable<OwnedRecord> All => [.. Announced, InstanceTypes, HostTypes];

    /// <summary>What answers a question; empty when it is not about this service.</summary>
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

    /// <summary>What who gets an answer will ask for next.</summary>
    public IEnumerable<OwnedRecord> Following(OwnedRecord answer) =>
        answer == Pointer ? [Location, Text, .. Addresses] : answer == Location ? Addresses : [];

    /// <summary>True for a record of another that claims one of the names.</summary>
    public bool IsContradictedBy(DnsRecord other)
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

    /// <summary>Compares what is probed for with what another probes for at the same time: negative when the other goes first.</summary>
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

    // The first that differs decides; of two lists that begin alike the longer one wins. Who does not probe for the name does not count.
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
