using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Responding;

internal sealed partial class MdnsResponder
{
    /// <summary>Answers to one asker alone in a second, of all askers together: more are not answered. The sender's address may be a lie.</summary>
    public const int MaxUnicastsPerSecond = 20;

    /// <summary>Questions of a message that are looked at.</summary>
    public const int MaxQuestions = 64;

    private const int MdnsPort = 5353;
    private const ushort AnyClass = 255;

    // Who asks in the old way does not see when a record is taken back.
    private const uint MaxOldWaySeconds = 10;
    private const int MaxOldWayBytes = 512;

    private const int SharedDelayMilliseconds = 20;
    private const int SharedDelaySpread = 100;
    private const int TruncatedDelayMilliseconds = 400;

    private long _unicastSecond;
    private int _unicasts;

    /// <summary>A message has come. <see cref="Advance"/> is to be called next.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, in MessageOrigin origin, long now)
    {
        if (!origin.IsMulticast && !origin.IsOnLink)
            return;
        if (!DnsMessageReader.TryRead(bytes, out DnsMessage? message))
        {
            UnsoundMessages++;
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
                if (state.Phase == ServicePhase.Lost)
                    break;
                if (state.IsContradictedBy(other))
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

    // Somebody else tells of a record of ours. As long as ours: nobody needs to hear it twice. Much shorter, or taken back: it is still there.
    private void OnSame(OwnedRecord ours, DnsRecord other, long now)
    {
        if (other.TimeToLive < ours.Record.TimeToLive / 2)
            Schedule(ours, now + SharedDelayMilliseconds, RecordMilliseconds, asker: null);
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
            Forget(message.Answers, origin);
            return;
        }
        bool isOldWay = origin.Source.Port != MdnsPort;
        HashSet<OwnedRecord> toAsker = [];
        foreach (DnsQuestion question in message.Questions.Take(MaxQuestions))
        {
            if (question.Class is not (DnsRecord.Internet or AnyClass))
                continue;
            foreach (OwnedRecord record in Answers(question))
            {
                if (isOldWay)
                    toAsker.Add(record);
                else if (!IsKnown(record, message.Answers))
                    Answer(record, question, message, origin, isProbe, toAsker, now);
            }
        }
        if (toAsker.Count > 0 && origin.IsOnLink)
            SendToAsker(message, origin, toAsker, isOldWay, now);
    }

    private void Answer(
        OwnedRecord record, DnsQuestion question, DnsMessage message, in MessageOrigin origin, bool isProbe, HashSet<OwnedRecord> toAsker, long now)
    {
        // Everybody has heard it lately: the asker alone is enough.
        bool isFresh = now - record.LastSent < record.Record.TimeToLive * 1000L / 4;
        if (question.WantsUnicast && isFresh && origin.IsOnLink && !isProbe)
        {
            toAsker.Add(record);
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
            // The other goes first. If it is there to stay, it answers the next probe.
            if (state.CompareProbe(message.Authorities) < 0)
            {
                state.Step = 0;
                state.Due = now + RecordMilliseconds;
            }
        }
    }

    // The rest of what an asker knows, whose question said that more would follow.
    private void Forget(List<DnsRecord> known, in MessageOrigin origin)
    {
        foreach (OwnedRecord record in _services.SelectMany(state => state.All).Concat(_types))
        {
            if (record.Asker is { } asker && asker.Equals(origin.Source) && IsKnown(record, known))
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

    private static void Schedule(OwnedRecord record, long wanted, long interval, System.Net.IPEndPoint? asker)
    {
        record.Asker = record.Due == OwnedRecord.Never || asker?.Equals(record.Asker) == true ? asker : null;
        record.Due = Math.Min(record.Due, Math.Max(wanted, record.LastSent + interval));
    }

    private void SendToAsker(DnsMessage query, in MessageOrigin origin, HashSet<OwnedRecord> answers, bool isOldWay, long now)
    {
        if (now - _unicastSecond >= 1000)
        {
            _unicastSecond = now;
            _unicasts = 0;
        }
        if (++_unicasts > MaxUnicastsPerSecond)
            return;
        var writer = isOldWay
            ? new DnsMessageWriter(MaxOldWayBytes, query.Id, DnsMessage.ResponseFlags)
            : NewResponse();
        if (isOldWay)
        {
            foreach (DnsQuestion question in query.Questions.Take(MaxQuestions))
                writer.TryAdd(question with { WantsUnicast = false });
        }
        foreach (OwnedRecord record in answers)
        {
            if (!writer.TryAdd(DnsSection.Answers, ForAsker(record.Record, isOldWay)))
                writer.Flags |= DnsMessage.TruncatedFlag;
        }
        foreach (OwnedRecord record in _services.SelectMany(state => answers.SelectMany(state.Following)).Distinct().Except(answers).ToArray())
            writer.TryAdd(DnsSection.Additionals, ForAsker(record.Record, isOldWay));
        _outgoing.Enqueue(new OutgoingMessage(writer.ToArray(), origin.Source));
    }

    private static DnsRecord ForAsker(DnsRecord record, bool isOldWay) =>
        isOldWay ? record with { IsUnique = false, TimeToLive = Math.Min(record.TimeToLive, MaxOldWaySeconds) } : record;
}
