using System.Net;
using ManagedNvmet.Announcing.Dns;
using ManagedNvmet.Announcing.Responding;

namespace ManagedNvmet.Announcing.Tests;

public sealed class ConflictTests
{
    private readonly TestLink _link = new();
    private readonly LinkService _service = TestLink.Service();

    [Fact]
    public void A_name_that_another_has_is_lost_while_it_is_asked_for()
    {
        _link.Set(_service);
        _link.Hear(DnsRecord.Service(_service.Instance, 9999, DnsName.Of("other", "local")));

        Assert.True(_link.Responder.TryTakeConflict(out int port));
        Assert.Equal(4420, port);
        Assert.False(_link.Responder.TryTakeConflict(out _));
        _link.Sent.Clear();
        _link.Pass(60_000);
        Assert.Empty(_link.Sent);
    }

    [Fact]
    public void The_next_name_is_asked_for_and_told()
    {
        _link.Set(_service);
        _link.Hear(DnsRecord.Service(_service.Instance, 9999, DnsName.Of("other", "local")));
        _link.Sent.Clear();
        _link.Set(TestLink.Service(name: "nas-2"));
        _link.Pass(750);

        Assert.True(_link.Responder.IsUp(4420));
        Assert.DoesNotContain(_link.TakeAnswers(), each => each.Name.Equals(_service.Instance));
    }

    [Fact]
    public void Our_own_words_are_no_conflict()
    {
        _link.Set(_service);
        _link.Hear(
            DnsRecord.Service(_service.Instance, 4420, _service.Host),
            DnsRecord.Text(_service.Instance, _service.Texts),
            DnsRecord.Address(_service.Host, _service.Addresses[0]));

        Assert.False(_link.Responder.TryTakeConflict(out _));
    }

    [Fact]
    public void An_address_that_we_have_on_another_link_is_no_conflict_and_another_one_is()
    {
        IPAddress elsewhere = IPAddress.Parse("198.51.100.7");
        _link.Set(_service with { OwnAddresses = new HashSet<IPAddress> { _service.Addresses[0], elsewhere } });
        _link.Hear(DnsRecord.Address(_service.Host, elsewhere));
        Assert.False(_link.Responder.TryTakeConflict(out _));

        _link.Hear(DnsRecord.Address(_service.Host, IPAddress.Parse("198.51.100.8")));
        Assert.True(_link.Responder.TryTakeConflict(out _));
    }

    [Fact]
    public void What_another_takes_back_is_no_conflict()
    {
        _link.Set(_service);
        _link.Hear(DnsRecord.Service(_service.Instance, 9999, _service.Host) with { TimeToLive = 0 });

        Assert.False(_link.Responder.TryTakeConflict(out _));
    }

    [Fact]
    public void A_name_that_is_in_use_is_asked_for_again_and_lost_only_to_who_insists()
    {
        Start();
        DnsRecord theirs = DnsRecord.Service(_service.Instance, 9999, DnsName.Of("other", "local"));
        _link.Hear(theirs);
        Assert.False(_link.Responder.IsUp(4420));
        Assert.False(_link.Responder.TryTakeConflict(out _));
        Assert.False(Assert.Single(_link.Sent).Message.IsResponse);

        _link.Hear(theirs);
        Assert.True(_link.Responder.TryTakeConflict(out _));
    }

    [Fact]
    public void A_name_that_nobody_insists_on_comes_back()
    {
        Start();
        _link.Hear(DnsRecord.Service(_service.Instance, 9999, DnsName.Of("other", "local")));
        _link.Pass(1000);

        Assert.True(_link.Responder.IsUp(4420));
    }

    [Fact]
    public void Who_probes_for_our_name_hears_that_it_is_ours_even_within_a_second()
    {
        Start();
        _link.Ask(_service.Instance, DnsType.Service);
        _link.Pass(250);
        _link.Sent.Clear();
        _link.Receive(Probe(DnsRecord.Service(_service.Instance, 9999, _service.Host)));

        Assert.Contains(_link.TakeAnswers(), each => each.IsSame(DnsRecord.Service(_service.Instance, 4420, _service.Host)));
    }

    [Fact]
    public void Of_two_that_probe_at_once_the_lesser_one_waits()
    {
        _link.Set(_service);
        _link.Sent.Clear();
        _link.Receive(Probe(
            DnsRecord.Service(_service.Instance, 9999, _service.Host), DnsRecord.Text(_service.Instance, ["greater than p=tcp"])));
        _link.Pass(999);
        Assert.Empty(_link.Sent);
        _link.Pass(751);
        Assert.Equal(3, _link.Sent.Count(each => !each.Message.IsResponse));
        Assert.True(_link.Responder.IsUp(4420));
    }

    [Fact]
    public void Of_two_that_probe_at_once_the_greater_one_goes_on()
    {
        _link.Set(_service);
        _link.Receive(Probe(DnsRecord.Service(_service.Instance, 1, _service.Host), DnsRecord.Text(_service.Instance, _service.Texts)));
        _link.Pass(750);

        Assert.True(_link.Responder.IsUp(4420));
    }

    [Fact]
    public void Our_own_probe_that_comes_back_changes_nothing()
    {
        _link.Set(_service);
        _link.Receive(Probe(
            DnsRecord.Service(_service.Instance, 4420, _service.Host),
            DnsRecord.Text(_service.Instance, _service.Texts),
            DnsRecord.Address(_service.Host, _service.Addresses[0])));
        _link.Pass(750);

        Assert.True(_link.Responder.IsUp(4420));
    }

    [Fact]
    public void Who_loses_name_after_name_asks_more_and_more_slowly()
    {
        for (int count = 0; count < 15; count++)
        {
            LinkService next = TestLink.Service(name: $"nas-{count}");
            _link.Set(next);
            _link.Hear(DnsRecord.Service(next.Instance, 9999, DnsName.Of("other", "local")));
            Assert.True(_link.Responder.TryTakeConflict(out _));
        }
        _link.Sent.Clear();
        _link.Set(TestLink.Service(name: "last"));
        _link.Pass(4999);
        Assert.Empty(_link.Sent);
        _link.Pass(751);
        Assert.True(_link.Responder.IsUp(4420));
    }

    private static byte[] Probe(params DnsRecord[] authorities) => TestLink.Query(
        [new DnsQuestion(authorities[0].Name, DnsType.Any, DnsRecord.Internet, WantsUnicast: true)], [], authorities);

    private void Start()
    {
        _link.Set(_service);
        _link.FinishAnnouncing();
    }
}
