using System.Net;
using ManagedNvmet.Announcing.Dns;
using ManagedNvmet.Announcing.Responding;

namespace ManagedNvmet.Announcing.Tests;

/// <summary>A responder on a link, with a clock that the test moves.</summary>
internal sealed class TestLink
{
    public static readonly DnsName Type = DnsName.Of("_nvme-disc", "_tcp", "local");
    public static readonly DnsName Types = DnsName.Of("_services", "_dns-sd", "_udp", "local");
    public static readonly IPEndPoint Neighbour = new(IPAddress.Parse("192.0.2.99"), 5353);

    public TestLink() => Responder = new MdnsResponder(_ => 0);

    public MdnsResponder Responder { get; }

    public long Now { get; private set; } = 1_000_000;

    /// <summary>All sent messages, each with the time of its sending and its destination.</summary>
    public List<(long Time, DnsMessage Message, IPEndPoint? Destination)> Sent { get; } = [];

    public static LinkService Service(int port = 4420, string name = "nas", params string[] addresses)
    {
        IPAddress[] parsed = [.. (addresses.Length == 0 ? ["192.0.2.7"] : addresses).Select(IPAddress.Parse)];
        return new LinkService(
            port,
            DnsName.Of($"{name} port {port}", "_nvme-disc", "_tcp", "local"),
            DnsName.Of($"{name}-{port}", "local"),
            Type,
            ["p=tcp", "nqn=nqn.2014-08.org.nvmexpress.discovery"],
            parsed,
            parsed.ToHashSet());
    }

    public void Set(params LinkService[] services)
    {
        Responder.SetServices(services, Now);
        Run();
    }

    /// <summary>Advances the clock and calls the responder at each deadline, as its owner does.</summary>
    public void Pass(long milliseconds)
    {
        long end = Now + milliseconds;
        while (Responder.Deadline <= end)
        {
            Now = Math.Max(Now, Responder.Deadline);
            Run();
        }
        Now = end;
    }

    /// <summary>Advances the clock until all services are announced, then clears <see cref="Sent"/>.</summary>
    public void FinishAnnouncing()
    {
        Pass(60_000);
        Sent.Clear();
    }

    public void Ask(
        DnsName name, DnsType type, bool unicast = false, IPEndPoint? source = null, bool isOnLink = true, params DnsRecord[] known) =>
        Receive(Query([new DnsQuestion(name, type, DnsRecord.Internet, unicast)], known, []), source, isOnLink: isOnLink);

    public void Hear(params DnsRecord[] answers)
    {
        var writer = new DnsMessageWriter(8000, 0, DnsMessage.ResponseFlags);
        foreach (DnsRecord each in answers)
            Assert.True(writer.TryAdd(DnsSection.Answers, each));
        Receive(writer.ToArray());
    }

    public void Receive(byte[] message, IPEndPoint? source = null, bool isMulticast = true, bool isOnLink = true)
    {
        Responder.Receive(message, new MessageOrigin(source ?? Neighbour, isMulticast, isOnLink), Now);
        Run();
    }

    public static byte[] Query(DnsQuestion[] questions, DnsRecord[] known, DnsRecord[] authorities, ushort flags = 0, ushort id = 0)
    {
        var writer = new DnsMessageWriter(8000, id, flags);
        foreach (DnsQuestion each in questions)
            Assert.True(writer.TryAdd(each));
        foreach (DnsRecord each in known)
            Assert.True(writer.TryAdd(DnsSection.Answers, each));
        foreach (DnsRecord each in authorities)
            Assert.True(writer.TryAdd(DnsSection.Authorities, each));
        return writer.ToArray();
    }

    /// <summary>Returns the records of the answer sections of all sent messages, then clears <see cref="Sent"/>.</summary>
    public List<DnsRecord> TakeAnswers()
    {
        List<DnsRecord> answers = [.. Sent.Where(each => each.Message.IsResponse).SelectMany(each => each.Message.Answers)];
        Sent.Clear();
        return answers;
    }

    public void Stop()
    {
        Responder.Stop();
        Drain();
    }

    private void Run()
    {
        Responder.Advance(Now);
        Drain();
    }

    private void Drain()
    {
        while (Responder.TryTakeMessage(out OutgoingMessage? message))
        {
            Assert.InRange(message.Bytes.Length, 12, MdnsResponder.MaxMessageBytes);
            Assert.True(DnsMessageReader.TryRead(message.Bytes, out DnsMessage? read));
            Sent.Add((Now, read, message.Destination));
        }
    }
}
