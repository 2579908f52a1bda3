using System.Net;
using ManagedNvmet.Announcing.Dns;
using ManagedNvmet.Announcing.Responding;

namespace ManagedNvmet.Announcing.Tests;

public sealed class ConflictTests
{
    private readonly TestLink link = new();
    private readonly LinkService service = TestLink.Service();

    [Fact]
    public void A_name_that_another_has_is_lost_while_it_is_asked_for()
    {
        link.Set(service);
        link.Hear(DnsRecord.Service(service.Instance, 9999, DnsName.Of("other", "local")));

        Assert.True(link.Responder.TryTakeLost(out int port));
        Assert.Equal(4420, port);
        Assert.False(link.Responder.TryTakeLost(out _));
        link.Sent.Clear();
        link.Pass(60_000);
        Assert.Empty(link.Sent);
    }

    [Fact]
    public void The_next_name_is_asked_for_and_told()
    {
        link.Set(service);
        link.Hear(DnsRecord.Service(service.Instance, 9999, DnsName.Of("other", "local")));
        link.Sent.Clear();
        link.Set(TestLink.Service(name: "nas-2"));
        link.Pass(750);

        Assert.True(link.Responder.IsUp(4420));
        Assert.DoesNotContain(link.TakeAnswers(), each => each.Name.Equals(service.Instance));
    }

    [Fact]
    public void Our_own_words_are_no_conflict()
    {
        link.Set(service);
        link.Hear(
            DnsRecord.Service(service.Instance, 4420, service.Host),
            DnsRecord.Text(service.Instance, service.Texts),
            DnsRecord.Address(service.Host, service.Addresses[0]));

        Assert.False(link.Responder.TryTakeLost(out _));
    }

    [Fact]
    public void An_address_that_we_have_on_another_link_is_no_conflict_and_another_one_is()
    {
        IPAddress elsewhere = IPAddress.Parse("198.51.100.7");
        link.Set(service with { OwnAddresses = new HashSet<IPAddress> { service.Addresses[0], elsewhere } });
        link.Hear(DnsRecord.Address(service.Host, elsewhere));
        Assert.False(link.Responder.TryTakeLost(out _));

        link.Hear(DnsRecord.Address(service.Host, IPAddress.Parse("198.51.100.8")));
        Assert.True(link.Responder.TryTakeLost(out _));
    }

    [Fact]
    public void What_another_takes_back_is_no_conflict()
    {
        link.Set(service);
        link.Hear(DnsRecord.Service(service.Instance, 9999, service.Host) with { TimeToLive = 0 });

        Assert.False(link.Responder.TryTakeLost(out _));
    }

    [Fact]
    public void A_name_that_is_in_use_is_asked_for_again_and_lost_only_to_who_insists()
    {
        Start();
        DnsRecord theirs = DnsRecord.Service(service.Instance, 9999, DnsName.Of("other", "local"));
        link.Hear(theirs);
        Assert.False(link.Responder.IsUp(4420));
        Assert.False(link.Responder.TryTakeLost(out _));
        Assert.False(Assert.Single(link.Sent).Message.IsResponse);

        link.Hear(theirs);
        Assert.True(link.Responder.TryTakeLost(out _));
    }

    [Fact]
    public void A_name_that_nobody_insists_on_comes_back()
    {
        Start();
        link.Hear(DnsRecord.Service(service.Instance, 9999, DnsName.Of("other", "local")));
        link.Pass(1000);

        Assert.True(link.Responder.IsUp(4420));
    }

    [Fact]
    public void Who_probes_for_our_name_hears_that_it_is_ours_even_within_a_second()
    {
        Start();
        link.Ask(service.Instance, DnsType.Service);
        link.Pass(250);
        link.Sent.Clear();
        link.Receive(Probe(DnsRecord.Service(service.Instance, 9999, service.Host)));

        Assert.Contains(link.TakeAnswers(), each => each.IsSame(DnsRecord.Service(service.Instance, 4420, service.Host)));
    }

    [Fact]
    public void Of_two_that_probe_at_once_the_lesser_one_waits()
    {
        link.Set(service);
        link.Sent.Clear();
        link.Receive(Probe(DnsRecord.Service(service.Instance, 9999, service.Host), DnsRecord.Text(service.Instance, ["greater than p=tcp"])));
        link.Pass(999);
        Assert.Empty(link.Sent);
        link.Pass(751);
        Assert.Equal(3, link.Sent.Count(each => !each.Message.IsResponse));
        Assert.True(link.Responder.IsUp(4420));
    }

    [Fact]
    public void Of_two_that_probe_at_once_the_greater_one_goes_on()
    {
        link.Set(service);
        link.Receive(Probe(DnsRecord.Service(service.Instance, 1, service.Host), DnsRecord.Text(service.Instance, service.Texts)));
        link.Pass(750);

        Assert.True(link.Responder.IsUp(4420));
    }

    [Fact]
    public void Our_own_probe_that_comes_back_changes_nothing()
    {
        link.Set(service);
        link.Receive(Probe(
            DnsRecord.Service(service.Instance, 4420, service.Host),
            DnsRecord.Text(service.Instance, service.Texts),
            DnsRecord.Address(service.Host, service.Addresses[0])));
        link.Pass(750);

        Assert.True(link.Responder.IsUp(4420));
    }

    [Fact]
    public void Who_loses_name_after_name_asks_more_and_more_slowly()
    {
        for (int count = 0; count < 15; count++)
        {
            LinkService next = TestLink.Service(name: $"nas-{count}");
            link.Set(next);
            link.Hear(DnsRecord.Service(next.Instance, 9999, DnsName.Of("other", "local")));
            Assert.True(link.Responder.TryTakeLost(out _));
        }
        link.Sent.Clear();
        link.Set(TestLink.Service(name: "last"));
        link.Pass(4999);
        Assert.Empty(link.Sent);
        link.Pass(751);
        Assert.True(link.Responder.IsUp(4420));
    }

    private static byte[] Probe(params DnsRecord[] authorities) => TestLink.Query(
        [new DnsQuestion(authorities[0].Name, DnsType.Any, DnsRecord.Internet, WantsUnicast: true)], [], authorities);

    private void Start()
    {
        link.Set(service);
        link.Settle();
    }
}
