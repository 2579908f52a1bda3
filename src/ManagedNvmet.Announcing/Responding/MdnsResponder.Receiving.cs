using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

internal sealed partial class MdnsResponder
{
    /// <summary>Maximum number of unicast responses per second to all queriers together; the responder ignores further unicast queries.
    /// The limit exists because a sender can forge its address and direct the responses at somebody else.</summary>
    public const int MaxUnicastsPerSecond = 20;

    /// <summary>Maximum number of questions of a message that are answered; further questions are ignored.</summary>
    public const int MaxQuestions = 64;

    private const int MdnsPort = 5353;
    private const ushort AnyClass = 255;

    // RFC 6762, "Legacy Unicast Responses": legacy queriers do not receive goodbye messages, so their records get a short time to live.
    private const uint MaxLegacySeconds = 10;
    private const int MaxLegacyBytes = 512;

    private const int SharedDelayMilliseconds = 20;
    private const int SharedDelaySpread = 100;
    private const int TruncatedDelayMilliseconds = 400;

    private long _unicastSecond;
    private int _unicasts;

    /// <summary>Processes a received message. The caller calls <see cref="Advance"/> afterwards, which sends the responses.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, in MessageOrigin origin, long now)
    {
        if (!origin.IsMulticast && !origin.IsOnLink)
            return;
        if (!DnsMessageReader.TryRead(bytes, out DnsMessage? message))
        {
            MalformedMessages++;
            return;
        }
        if (!message.IsStandard)
            return;
        if (!message.IsResponse)
            OnQuery(message, origin, now);
        else if (origin.Source.Port == MdnsPort)
            OnResponse(message, now);
    }

    private void OnResponse(DnsMessage message, long now)
    {
        foreach (ServiceState state in _services)
        {
            foreach (DnsRecord other in message.Answers.Concat(message.Additionals))
            {
                if (state.Phase == ServicePhase.Conflicted)
                    break;
                if (state.ConflictsWith(other))
                {
                    OnConflict(state, now);
                    break;
                }
                if (state.IsUp && state.All.FirstOrDefault(record => record.Record.IsSame(other)) is { } same)
                    OnSame(same, other, now);
            }
        }
        foreach (DnsRecord other in message.Answers)
        {
            if (_types.Find(record => record.Record.IsSame(other)) is { } same)
                OnSame(same, other, now);
        }
    }

    // Another machine has sent a record that is equal to ours. If its time to live is as long as ours, cancels our pending response,
    // because every receiver has the record now. If it is less than half as long or 0, sends the record again, so that receivers keep it.
    private void OnSame(OwnedRecord ours, DnsRecord other, long now)
    {
        if (other.TimeToLive < ours.Record.TimeToLive / 2)
            Schedule(ours, now + SharedDelayMilliseconds, RecordMilliseconds, querier: null);
        else if (other.TimeToLive >= ours.Record.TimeToLive)
            ours.Due = OwnedRecord.Never;
    }

    private void OnQuery(DnsMessage message, in MessageOrigin origin, long now)
    {
        bool isProbe = message.Authorities.Count > 0;
        if (isProbe)
            OnProbe(message, now);
        if (message.Questions.Count == 0)
        {
            CancelKnownAnswers(message.Answers, origin);
            return;
        }
        bool isLegacy = origin.Source.Port != MdnsPort;
        HashSet<OwnedRecord> unicastAnswers = [];
        foreach (DnsQuestion question in message.Questions.Take(MaxQuestions))
        {
            if (question.Class is not (DnsRecord.Internet or AnyClass))
                continue;
            foreach (OwnedRecord record in Answers(question))
            {
                if (isLegacy)
                    unicastAnswers.Add(record);
                else if (!IsKnown(record, message.Answers))
                    Answer(record, question, message, origin, isProbe, unicastAnswers, now);
            }
        }
        if (unicastAnswers.Count > 0 && origin.IsOnLink)
            SendUnicast(message, origin, unicastAnswers, isLegacy, now);
    }

    private void Answer(
        OwnedRecord record,
        DnsQuestion question,
        DnsMessage message,
        in MessageOrigin origin,
        bool isProbe,
        HashSet<OwnedRecord> unicastAnswers,
        long now)
    {
        // Everybody received the record recently, so a unicast response is enough.
        bool isFresh = now - record.LastSent < record.Record.TimeToLive * 1000L / 4;
        if (question.WantsUnicast && isFresh && origin.IsOnLink && !isProbe)
        {
            unicastAnswers.Add(record);
            return;
        }
        long delay = isProbe ? 0
            : message.IsTruncated ? TruncatedDelayMilliseconds + _random(SharedDelaySpread)
            : record.Record.IsUnique ? 0
            : SharedDelayMilliseconds + _random(SharedDelaySpread);
        Schedule(record, now + delay, isProbe ? DefenceMilliseconds : RecordMilliseconds, message.IsTruncated ? origin.Source : null);
    }

    private void OnProbe(DnsMessage message, long now)
    {
        foreach (ServiceState state in _services.Where(state => state.Phase == ServicePhase.Probing))
        {
            // The other machine's records win. Probes again after one second. If the other machine keeps the name, it answers that probe.
            if (state.CompareProbe(message.Authorities) < 0)
            {
                state.Step = 0;
                state.Due = now + RecordMilliseconds;
            }
        }
    }

    // Processes a message that continues the known answers of an earlier truncated query. Cancels responses that the querier knows.
    private void CancelKnownAnswers(List<DnsRecord> known, in MessageOrigin origin)
    {
        foreach (OwnedRecord record in _services.SelectMany(state => state.All).Concat(_types))
        {
            if (record.Querier is { } querier && querier.Equals(origin.Source) && IsKnown(record, known))
                record.Due = OwnedRecord.Never;
        }
    }

    private IEnumerable<OwnedRecord> Answers(DnsQuestion question)
    {
        foreach (ServiceState state in _services.Where(state => state.IsUp))
        {
            foreach (OwnedRecord record in state.Answers(question))
                yield return record;
        }
        if (!question.Name.Equals(ServiceTypes) || question.Type is not (DnsType.Pointer or DnsType.Any))
            yield break;
        foreach (OwnedRecord record in _types)
        {
            if (_services.Exists(state => state.IsUp))
                yield return record;
        }
    }

    private static bool IsKnown(OwnedRecord record, List<DnsRecord> known) =>
        known.Exists(each => each.TimeToLive >= record.Record.TimeToLive / 2 && each.IsSame(record.Record));

    private static void Schedule(OwnedRecord record, long wanted, long interval, System.Net.IPEndPoint? querier)
    {
        record.Querier = record.Due == OwnedRecord.Never || querier?.Equals(record.Querier) == true ? querier : null;
        record.Due = Math.Min(record.Due, Math.Max(wanted, record.LastSent + interval));
    }

    private void SendUnicast(DnsMessage query, in MessageOrigin origin, HashSet<OwnedRecord> answers, bool isLegacy, long now)
    {
        if (now - _unicastSecond >= 1000)
        {
            _unicastSecond = now;
            _unicasts = 0;
        }
        if (++_unicasts > MaxUnicastsPerSecond)
            return;
        var writer = isLegacy
            ? new DnsMessageWriter(MaxLegacyBytes, query.Id, DnsMessage.ResponseFlags)
            : NewResponse();
        if (isLegacy)
        {
            foreach (DnsQuestion question in query.Questions.Take(MaxQuestions))
                writer.TryAdd(question with { WantsUnicast = false });
        }
        foreach (OwnedRecord record in answers)
        {
            if (!writer.TryAdd(DnsSection.Answers, ForQuerier(record.Record, isLegacy)))
                writer.Flags |= DnsMessage.TruncatedFlag;
        }
        IEnumerable<OwnedRecord> additionals = _services.SelectMany(state => answers.SelectMany(state.AdditionalsFor));
        foreach (OwnedRecord record in additionals.Distinct().Except(answers))
            writer.TryAdd(DnsSection.Additionals, ForQuerier(record.Record, isLegacy));
        _outgoing.Enqueue(new OutgoingMessage(writer.ToArray(), origin.Source));
    }

    private static DnsRecord ForQuerier(DnsRecord record, bool isLegacy) =>
        isLegacy ? record with { IsUnique = false, TimeToLive = Math.Min(record.TimeToLive, MaxLegacySeconds) } : record;
}
