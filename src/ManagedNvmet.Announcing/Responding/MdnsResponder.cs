using System.Diagnostics.CodeAnalysis;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

/// <summary>Tells one link of services by multicast DNS (RFC 6762, RFC 6763): asks whether names are free, announces, answers, defends, and
/// says goodbye. A function of bytes and time: the caller feeds messages and milliseconds, sends what is in the queue, and comes back at
/// <see cref="Deadline"/>.</summary>
/// <remarks>Not thread-safe. Holds at most what it was given; a peer makes nothing in it grow.</remarks>
internal sealed partial class MdnsResponder
{
    /// <summary>The largest message that is sent: it fits into a frame of Ethernet with the headers of IPv6.</summary>
    public const int MaxMessageBytes = 1440;

    /// <summary>A record is sent to everybody at most once in this time.</summary>
    public const long RecordMilliseconds = 1000;

    /// <summary>The same for who asks whether a name is free.</summary>
    public const long DefenceMilliseconds = 250;

    private const int ProbeCount = 3;
    private const long ProbeMilliseconds = 250;
    private const int AnnouncementCount = 4;

    // A host whose name is taken again and again asks more slowly, so that two that never agree do not fill the link.
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

    /// <param name="random">A random number from 0 to less than its argument.</param>
    public MdnsResponder(Func<int, int> random) => _random = random;

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
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

    /// <summary>Messages that were no sound messages of DNS.</summary>
    public long UnsoundMessages { get; private set; }

    /// <summary>True when the link has been told of the service.</summary>
    public bool IsUp(int tcpPort) => _services.Exists(state => state.Service.TcpPort == tcpPort && state.IsUp);

    /// <summary>Takes the next message to send.</summary>
    public bool TryTakeMessage([NotNullWhen(true)] out OutgoingMessage? message) => _outgoing.TryDequeue(out message);

    /// <summary>Takes the next service one of whose names somebody else has. It is silent until it gets other names.</summary>
    public bool TryTakeLost(out int tcpPort) => _lost.TryDequeue(out tcpPort);

    /// <summary>Replaces the services. What is new asks for its names, what is gone says goodbye, what has changed is announced again.</summary>
    public void SetServices(IReadOnlyList<LinkService> wanted, long now)
    {
        List<ServiceState> before = _services;
        _services = [];
        List<DnsRecord> goodbyes = [];
        foreach (LinkService service in wanted)
        {
            ServiceState? old = before.Find(state => state.Service.HasNamesOf(service));
            if (old is not null)
                before.Remove(old);
            _services.Add(old is null ? New(service, now) : old.Service.IsSame(service) ? old : Changed(old, service, goodbyes, now));
        }
        foreach (ServiceState gone in before.Where(state => state.IsUp))
            goodbyes.AddRange(gone.Announced.Select(each => each.Record));
        SayGoodbye(goodbyes);
        SetTypes();
    }

    /// <summary>Takes everything back, at once.</summary>
    public void Stop()
    {
        SayGoodbye([.. _services.Where(state => state.IsUp).SelectMany(state => state.Announced).Select(each => each.Record)]);
        _services = [];
        _types.Clear();
    }

    /// <summary>Time has passed, or a message has come: sends what is due.</summary>
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

    private ServiceState New(LinkService service, long now) => new(service) { Due = now + ProbeDelay(now) };

    private ServiceState Changed(ServiceState old, LinkService service, List<DnsRecord> goodbyes, long now)
    {
        ServiceState state = New(service, now);
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

    // The list of types belongs to all the services of this link, and to other programs of this machine: it expires, and is not taken back.
    private void SetTypes()
    {
        DnsName[] wanted = [.. _services.Select(state => state.Service.Type).Distinct()];
        var records = wanted.Select(type => DnsRecord.Pointer(ServiceTypes, type)).ToList();
        _types.RemoveAll(each => !records.Exists(record => record.IsSame(each.Record)));
        _types.AddRange(records.Where(record => !_types.Exists(each => each.Record.IsSame(record))).Select(record => new OwnedRecord(record)));
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
            state.Phase = ServicePhase.Lost;
            state.Due = OwnedRecord.Never;
            _lost.Enqueue(state.Service.TcpPort);
            return;
        }

        // Two networks have become one: who has the better claim is found out by asking again.
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

    // Without the wish for unicast answers: port 5353 may be shared with other programs of this machine, and only one of them would get one.
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
        HashSet<OwnedRecord> following = [];
        foreach (ServiceState state in _services.Where(state => state.IsUp))
        {
            foreach (OwnedRecord record in state.All.Where(record => record.Due <= now))
            {
                answers.Add(record);
                following.UnionWith(state.Following(record));
            }
        }
        if (answers.Count == 0)
            return;
        following.ExceptWith(answers);
        DnsMessageWriter writer = NewResponse();
        foreach (OwnedRecord record in answers)
        {
            Add(ref writer, record.Record);
            MarkSent(record, now);
        }
        foreach (OwnedRecord record in following)
        {
            // What does not fit is asked for; what went out a moment ago does not go again.
            if (record.LastSent + RecordMilliseconds <= now && writer.TryAdd(DnsSection.Additionals, record.Record))
                MarkSent(record, now);
        }
        Send(writer);
    }

    private static void MarkSent(OwnedRecord record, long now)
    {
        record.LastSent = now;
        record.Due = OwnedRecord.Never;
        record.Asker = null;
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
