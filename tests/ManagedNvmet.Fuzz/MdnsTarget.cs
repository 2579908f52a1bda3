using System.Net;
using ManagedNvmet.Announcing.Dns;
using ManagedNvmet.Announcing.Responding;

namespace ManagedNvmet.Fuzz;

/// <summary>Multicast DNS messages: parsing alone, and conversations with the responder.</summary>
internal static class MdnsTarget
{
    private const long Start = 1_000_000;

    private static readonly DnsName Type = DnsName.Of("_nvme-disc", "_tcp", "local");

    /// <summary>A message that can be parsed can be written, and parses to the same message again.</summary>
    public static void ReadMessage(ReadOnlySpan<byte> input)
    {
        if (!DnsMessageReader.TryRead(input, out DnsMessage? read))
            return;
        FuzzTargets.Require(input.Length <= DnsMessageReader.MaxBytes, "a message is longer than any may be");
        int count = read.Answers.Count + read.Authorities.Count + read.Additionals.Count;
        FuzzTargets.Require(
            count <= input.Length / 11 && read.Questions.Count <= input.Length / 5, "a count is more than there is room for");
        var writer = new DnsMessageWriter(1 << 20, read.Id, read.Flags);
        bool isWritten = read.Questions.TrueForAll(writer.TryAdd)
            && read.Answers.TrueForAll(each => writer.TryAdd(DnsSection.Answers, each))
            && read.Authorities.TrueForAll(each => writer.TryAdd(DnsSection.Authorities, each))
            && read.Additionals.TrueForAll(each => writer.TryAdd(DnsSection.Additionals, each));
        byte[] bytes = writer.ToArray();

        // Names that were compressed inside record data need more room when written.
        if (!isWritten || bytes.Length > DnsMessageReader.MaxBytes)
            return;
        FuzzTargets.Require(DnsMessageReader.TryRead(bytes, out DnsMessage? again), "what was written cannot be read");
        FuzzTargets.Require(again!.Questions.SequenceEqual(read.Questions), "a question changes on its way through");
        foreach ((DnsRecord before, DnsRecord after) in read.Answers.Concat(read.Authorities).Concat(read.Additionals)
            .Zip(again.Answers.Concat(again.Authorities).Concat(again.Additionals)))
        {
            FuzzTargets.Require(
                before.IsSame(after) && before.TimeToLive == after.TimeToLive && before.IsUnique == after.IsUnique,
                "a record changes on its way through");
        }
        foreach (DnsRecord each in read.Answers)
            _ = each.Name.ToString();
    }

    /// <summary>Interprets the input as messages at any time. Each message has a sender, a wait in milliseconds, a length and
    /// bytes.</summary>
    public static void FeedResponder(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        var responder = new MdnsResponder(most => most / 2);
        long now = Start;
        int attempt = 1;
        var lastSent = new Dictionary<string, long>(StringComparer.Ordinal);
        var unicasts = new Queue<long>();
        responder.SetServices(Services(attempt), now);
        bool isUpFirst = reader.Next(2) == 0;
        if (isUpFirst)
            Pass(responder, ref now, 60_000, lastSent, unicasts);
        while (!reader.IsEmpty)
        {
            int sender = reader.Next(4);
            Pass(responder, ref now, reader.Next(256) * 10, lastSent, unicasts);
            int length = (reader.Next(256) << 8) | reader.Next(256);
            var source = new IPEndPoint(IPAddress.Parse("192.0.2.9"), sender == 1 ? 4242 : 5353);
            responder.Receive(reader.Take(length), new MessageOrigin(source, IsMulticast: sender != 2, IsOnLink: sender != 3), now);
            responder.Advance(now);
            Drain(responder, now, lastSent, unicasts);
            while (responder.TryTakeConflict(out int port))
            {
                FuzzTargets.Require(port is 4420 or 8009, "a port is lost that was never announced");
                attempt++;
            }
            responder.SetServices(Services(attempt), now);
            responder.Advance(now);
            Drain(responder, now, lastSent, unicasts);
        }
        Pass(responder, ref now, 60_000, lastSent, unicasts);
        FuzzTargets.Require(responder.IsUp(4420) && responder.IsUp(8009), "a service is not up a minute after the last message");
        FuzzTargets.Require(responder.Deadline == OwnedRecord.Never, "a responder that nobody asks has something to do");
    }

    /// <summary>Returns seed inputs.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Seeds()
    {
        LinkService service = Services(1)[0];
        DnsRecord[] own =
        [
            DnsRecord.Pointer(Type, service.Instance),
            DnsRecord.Service(service.Instance, service.TcpPort, service.Host),
            DnsRecord.Text(service.Instance, service.Texts),
            DnsRecord.Address(service.Host, service.Addresses[0]),
            DnsRecord.Types(service.Host, DnsType.A),
        ];
        DnsRecord foreign = DnsRecord.Service(service.Instance, 9, DnsName.Of("other", "local"));
        yield return ("browse", Message(0, [new DnsQuestion(Type, DnsType.Pointer, 1, false)], DnsSection.Answers, []));
        yield return ("browse-known", Message(0, [new DnsQuestion(Type, DnsType.Pointer, 1, true)], DnsSection.Answers, own[..1]));
        yield return ("resolve", Message(0, [new DnsQuestion(service.Instance, DnsType.Any, 1, false)], DnsSection.Answers, []));
        yield return (
            "address", Message(DnsMessage.TruncatedFlag, [new DnsQuestion(service.Host, DnsType.Aaaa, 1, false)], DnsSection.Answers, []));
        yield return ("probe", Message(0, [new DnsQuestion(service.Instance, DnsType.Any, 1, true)], DnsSection.Authorities, [foreign]));
        yield return ("announcement", Message(DnsMessage.ResponseFlags, [], DnsSection.Answers, own));
        yield return ("conflict", Message(DnsMessage.ResponseFlags, [], DnsSection.Answers, [foreign]));
        yield return ("goodbye", Message(DnsMessage.ResponseFlags, [], DnsSection.Answers, [own[0] with { TimeToLive = 0 }]));
    }

    private static byte[] Message(ushort flags, DnsQuestion[] questions, DnsSection section, DnsRecord[] records)
    {
        var writer = new DnsMessageWriter(1440, 0, flags);
        foreach (DnsQuestion each in questions)
            writer.TryAdd(each);
        foreach (DnsRecord each in records)
            writer.TryAdd(section, each);
        return writer.ToArray();
    }

    private static LinkService[] Services(int attempt) => [Service(4420, attempt), Service(8009, attempt)];

    private static LinkService Service(int port, int attempt)
    {
        IPAddress[] addresses = [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")];
        return new LinkService(
            port,
            DnsName.Of($"nas {port} {attempt}", "_nvme-disc", "_tcp", "local"),
            DnsName.Of($"nas-{port}-{attempt}", "local"),
            Type,
            ["p=tcp", "nqn=nqn.2014-08.org.nvmexpress.discovery"],
            addresses,
            addresses.ToHashSet());
    }

    private static void Pass(
        MdnsResponder responder, ref long now, long milliseconds, Dictionary<string, long> lastSent, Queue<long> unicasts)
    {
        long end = now + milliseconds;
        int steps = 0;
        while (responder.Deadline <= end)
        {
            FuzzTargets.Require(++steps < 10_000, "the responder never rests");
            now = Math.Max(now, responder.Deadline);
            responder.Advance(now);
            Drain(responder, now, lastSent, unicasts);
        }
        now = end;
    }

    private static void Drain(MdnsResponder responder, long now, Dictionary<string, long> lastSent, Queue<long> unicasts)
    {
        while (responder.TryTakeMessage(out OutgoingMessage? message))
        {
            FuzzTargets.Require(message.Bytes.Length <= MdnsResponder.MaxMessageBytes, "a message is too long to send");
            FuzzTargets.Require(DnsMessageReader.TryRead(message.Bytes, out DnsMessage? read), "what is sent cannot be read");
            if (message.Destination is not null)
            {
                // The responder's limit counts in seconds that begin with a query. Two such seconds can be adjacent, so twice the limit is
                // allowed here.
                unicasts.Enqueue(now);
                while (unicasts.Peek() <= now - 1000)
                    unicasts.Dequeue();
                FuzzTargets.Require(unicasts.Count <= 2 * MdnsResponder.MaxUnicastsPerSecond, "single askers are answered too often");
                continue;
            }
            foreach (DnsRecord each in read!.Answers.Concat(read.Additionals).Where(each => each.TimeToLive > 0))
            {
                string key = $"{each.Name} {each.Type} {Convert.ToHexString(each.Data.Span)}";
                FuzzTargets.Require(
                    !lastSent.TryGetValue(key, out long last) || now - last >= MdnsResponder.DefenceMilliseconds,
                    "a record is multicast too often");
                lastSent[key] = now;
            }
        }
    }
}
