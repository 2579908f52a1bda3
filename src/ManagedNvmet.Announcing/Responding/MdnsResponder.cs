using System.Diagnostics.CodeAnalysis;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>Multicast DNS responder for one link (RFC 6762, RFC 6763). It probes for names, announces services, answers queries, defends
/// its names and sends goodbye messages.</summary>
/// <remarks>Not thread-safe. It does no I/O and reads no clock. The caller passes in received messages and the time in milliseconds, sends
/// the messages of the queue, and calls <see cref="Advance"/> at <see cref="Deadline"/>. A peer cannot make its memory grow.</remarks>
internal sealed partial class MdnsResponder
{
    /// <summary>Maximum size of a sent message in bytes. It fits into an Ethernet frame with the IPv6 and UDP headers.</summary>
    public const int MaxMessageBytes = 1440;

    /// <summary>Minimum time between two multicasts of one record, in milliseconds.</summary>
    public const long RecordMilliseconds = 1000;

    /// <summary>Minimum time between two multicasts of one record in response to probes, in milliseconds.</summary>
    public const long DefenceMilliseconds = 250;

    private const int ProbeCount = 3;
    private const long ProbeMilliseconds = 250;
    private const int AnnouncementCount = 4;

    // RFC 6762, "Probing": after 15 conflicts in 10 s, each probe waits 5 s, so that two machines that never agree do not flood the link.
    private const int MaxConflicts = 15;
    private const long ConflictWindowMilliseconds = 10_000;
    private const long ConflictDelayMilliseconds = 5000;

    private static readonly DnsName ServiceTypes = DnsName.Of("_services", "_dns-sd", "_udp", "local");

    private readonly Func<int, int> _random;
    private readonly Queue<OutgoingMessage> _outgoing = new();
    private readonly Queue<int> _lost = new();
    private readonly Queue<long> _conflicts = new();
    private readonly List<OwnedRecord> _types = [];
    private List<ServiceState> _services = [];

    /// <param name="random">Returns a random number that is at least 0 and less than its argument.</param>
    public MdnsResponder(Func<int, int> random) => _random = random;

    /// <summary>Time in milliseconds at which <see cref="Advance"/> has the next work to do; <see cref="OwnedRecord.Never"/> for
    /// none.</summary>
    public long Deadline
    {
        get
        {
            long deadline = _types.Count == 0 ? OwnedRecord.Never : _types.Min(record => record.Due);
            foreach (ServiceState state in _services)
            {
                deadline = Math.Min(deadline, state.Due);
                foreach (OwnedRecord record in state.All)
                    deadline = Math.Min(deadline, record.Due);
            }
            return deadline;
        }
    }

    /// <summary>Number of received messages that were malformed.</summary>
    public long MalformedMessages { get; private set; }

    /// <summary>Returns true when the service of this port owns its names and is announced.</summary>
    public bool IsUp(int tcpPort) => _services.Exists(state => state.Service.TcpPort == tcpPort && state.IsUp);

    /// <summary>Removes the next message to send from the queue. Returns false when the queue is empty.</summary>
    public bool TryTakeMessage([NotNullWhen(true)] out OutgoingMessage? message) => _outgoing.TryDequeue(out message);

    /// <summary>Removes the next name conflict from the queue: the port of a service with a name that another machine owns. The responder
    /// does not announce that service until <see cref="SetServices"/> gives it other names.</summary>
    public bool TryTakeConflict(out int tcpPort) => _lost.TryDequeue(out tcpPort);

    /// <summary>Replaces the services. Probes for the names of new services, sends goodbye messages for removed ones, and announces changed
    /// ones again.</summary>
    public void SetServices(IReadOnlyList<LinkService> wanted, long now)
    {
        List<ServiceState> before = _services;
        _services = [];
        List<DnsRecord> goodbyes = [];
        foreach (LinkService service in wanted)
        {
            ServiceState? old = before.Find(state => state.Service.HasSameNames(service));
            if (old is not null)
                before.Remove(old);
            _services.Add(old is null ? Create(service, now) : old.Service.IsSame(service) ? old : Replace(old, service, goodbyes, now));
        }
        foreach (ServiceState removed in before.Where(state => state.IsUp))
            goodbyes.AddRange(removed.Announced.Select(each => each.Record));
        SayGoodbye(goodbyes);
        UpdateTypeRecords();
    }

    /// <summary>Queues goodbye messages for all announced records and removes all services.</summary>
    public void Stop()
    {
        SayGoodbye([.. _services.Where(state => state.IsUp).SelectMany(state => state.Announced).Select(each => each.Record)]);
        _services = [];
        _types.Clear();
    }

    /// <summary>Queues all probes, announcements and responses that are due. Called after each received message and at
    /// <see cref="Deadline"/>.</summary>
    /// <param name="now">The time in milliseconds, from any origin.</param>
    public void Advance(long now)
    {
        foreach (ServiceState state in _services)
        {
            if (state.Due > now)
                continue;
            if (state.Phase == ServicePhase.Probing && state.Step < ProbeCount)
            {
                Probe(state);
                state.Step++;
                state.Due = now + ProbeMilliseconds;
                continue;
            }
            if (state.Phase == ServicePhase.Probing)
            {
                state.Phase = ServicePhase.Announcing;
                state.Step = 0;
            }
            foreach (OwnedRecord record in (IEnumerable<OwnedRecord>)[.. state.Announced, .. _types])
                record.Due = Math.Min(record.Due, Math.Max(now, record.LastSent + RecordMilliseconds));
            state.Due = now + (RecordMilliseconds << state.Step);
            state.Step++;
            if (state.Step == AnnouncementCount)
            {
                state.Phase = ServicePhase.Announced;
                state.Due = OwnedRecord.Never;
            }
        }
        SendDue(now);
    }

    private ServiceState Create(LinkService service, long now) => new(service) { Due = now + ProbeDelay(now) };

    private ServiceState Replace(ServiceState old, LinkService service, List<DnsRecord> goodbyes, long now)
    {
        ServiceState state = Create(service, now);
        if (!old.IsUp)
            return state;
        state.Phase = ServicePhase.Announcing;
        state.Due = now;
        foreach (OwnedRecord record in old.All)
        {
            if (state.All.FirstOrDefault(each => each.Record.IsSame(record.Record)) is { } same)
                same.LastSent = record.LastSent;
            else if (old.Announced.Contains(record))
                goodbyes.Add(record.Record);
        }
        return state;
    }

    // Other services and programs of this machine may share a service type record. Removed records therefore expire in the receivers'
    // caches, and no goodbye message withdraws them.
    private void UpdateTypeRecords()
    {
        DnsName[] wanted = [.. _services.Select(state => state.Service.Type).Distinct()];
        var records = wanted.Select(type => DnsRecord.Pointer(ServiceTypes, type)).ToList();
        _types.RemoveAll(each => !records.Exists(record => record.IsSame(each.Record)));
        _types.AddRange(records
            .Where(record => !_types.Exists(each => each.Record.IsSame(record)))
            .Select(record => new OwnedRecord(record)));
    }

    private long ProbeDelay(long now)
    {
        while (_conflicts.TryPeek(out long first) && first < now - ConflictWindowMilliseconds)
            _conflicts.Dequeue();
        return _conflicts.Count >= MaxConflicts ? ConflictDelayMilliseconds : _random((int)ProbeMilliseconds);
    }

    private void OnConflict(ServiceState state, long now)
    {
        if (_conflicts.Count < MaxConflicts)
            _conflicts.Enqueue(now);
        foreach (OwnedRecord record in state.All)
            record.Due = OwnedRecord.Never;
        if (state.Phase == ServicePhase.Probing)
        {
            state.Phase = ServicePhase.Conflicted;
            state.Due = OwnedRecord.Never;
            _lost.Enqueue(state.Service.TcpPort);
            return;
        }

        // Two networks were joined, and both have an owner of the name. New probes find out which of them keeps it.
        state.Phase = ServicePhase.Probing;
        state.Step = 0;
        state.Due = now + ProbeDelay(now);
    }

    private void SayGoodbye(List<DnsRecord> records)
    {
        DnsMessageWriter writer = NewResponse();
        foreach (DnsRecord record in records)
            Add(ref writer, record with { TimeToLive = 0 });
        Send(writer);
    }

    // The questions do not ask for unicast responses. Other programs of this machine may share port 5353, and the kernel would deliver a
    // unicast response to only one of them.
    private void Probe(ServiceState state)
    {
        var writer = new DnsMessageWriter(MaxMessageBytes, id: 0, flags: 0);
        writer.TryAdd(new DnsQuestion(state.Service.Instance, DnsType.Any, DnsRecord.Internet, WantsUnicast: false));
        writer.TryAdd(new DnsQuestion(state.Service.Host, DnsType.Any, DnsRecord.Internet, WantsUnicast: false));
        foreach (OwnedRecord record in state.Unique)
            writer.TryAdd(DnsSection.Authorities, record.Record with { IsUnique = false });
        Send(writer);
    }

    private void SendDue(long now)
    {
        List<OwnedRecord> answers = [.. _types.Where(record => record.Due <= now)];
        HashSet<OwnedRecord> additionals = [];
        foreach (ServiceState state in _services.Where(state => state.IsUp))
        {
            foreach (OwnedRecord record in state.All.Where(record => record.Due <= now))
            {
                answers.Add(record);
                additionals.UnionWith(state.AdditionalsFor(record));
            }
        }
        if (answers.Count == 0)
            return;
        additionals.ExceptWith(answers);
        DnsMessageWriter writer = NewResponse();
        foreach (OwnedRecord record in answers)
        {
            Add(ref writer, record.Record);
            MarkSent(record, now);
        }
        foreach (OwnedRecord record in additionals)
        {
            // Additional records are optional: leaves out those that do not fit and those sent less than a second ago.
            if (record.LastSent + RecordMilliseconds <= now && writer.TryAdd(DnsSection.Additionals, record.Record))
                MarkSent(record, now);
        }
        Send(writer);
    }

    private static void MarkSent(OwnedRecord record, long now)
    {
        record.LastSent = now;
        record.Due = OwnedRecord.Never;
        record.Querier = null;
    }

    private void Add(ref DnsMessageWriter writer, DnsRecord record)
    {
        if (writer.TryAdd(DnsSection.Answers, record))
            return;
        Send(writer);
        writer = NewResponse();
        writer.TryAdd(DnsSection.Answers, record);
    }

    private void Send(DnsMessageWriter writer)
    {
        if (!writer.IsEmpty)
            _outgoing.Enqueue(new OutgoingMessage(writer.ToArray(), Destination: null));
    }

    private static DnsMessageWriter NewResponse() => new(MaxMessageBytes, id: 0, DnsMessage.ResponseFlags);
}
