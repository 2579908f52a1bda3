using System.Net;
using ManagedNvmet.Announcing.Dns;
using ManagedNvmet.Announcing.Responding;

namespace ManagedNvmet.Announcing.Tests;

public sealed class ResponderTests
{
    private readonly TestLink _link = new();

    [Fact]
    public void A_name_is_asked_for_three_times_and_then_told_four_times()
    {
        _link.Set(TestLink.Service());
        long start = _link.Now;
        _link.Pass(60_000);

        long[] probes = [.. _link.Sent.Where(each => !each.Message.IsResponse).Select(each => each.Time - start)];
        long[] announcements = [.. _link.Sent.Where(each => each.Message.IsResponse).Select(each => each.Time - start)];
        Assert.Equal([0, 250, 500], probes);
        Assert.Equal([750, 1750, 3750, 7750], announcements);
        Assert.Equal(OwnedRecord.Never, _link.Responder.Deadline);
    }

    [Fact]
    public void A_probe_says_what_it_wants_and_nothing_is_answered_meanwhile()
    {
        LinkService service = TestLink.Service();
        _link.Set(service);

        DnsMessage probe = Assert.Single(_link.Sent).Message;
        Assert.Equal([service.Instance, service.Host], probe.Questions.Select(each => each.Name));
        Assert.Equal([DnsType.Service, DnsType.Text, DnsType.A], probe.Authorities.Select(each => each.Type));
        Assert.False(_link.Responder.IsUp(4420));
        _link.Sent.Clear();
        _link.Ask(TestLink.Type, DnsType.Pointer);
        _link.Pass(200);
        Assert.Empty(_link.Sent);
    }

    [Fact]
    public void An_announcement_says_everything_at_once()
    {
        LinkService service = TestLink.Service(addresses: ["192.0.2.7", "2001:db8::7"]);
        _link.Set(service);
        _link.Pass(750);

        List<DnsRecord> told = _link.TakeAnswers();
        Assert.Equal(
            [DnsType.Pointer, DnsType.Pointer, DnsType.Service, DnsType.Text, DnsType.A, DnsType.Aaaa], told.Select(each => each.Type));
        Assert.Equal([false, false, true, true, true, true], told.Select(each => each.IsUnique));
        Assert.Equal([4500u, 4500u, 120u, 4500u, 120u, 120u], told.Select(each => each.TimeToLive));
        Assert.True(_link.Responder.IsUp(4420));
    }

    [Fact]
    public void Who_browses_gets_the_service_and_what_it_will_ask_for_next()
    {
        Start(TestLink.Service());
        _link.Ask(TestLink.Type, DnsType.Pointer);
        Assert.Empty(_link.Sent);
        _link.Pass(20);

        (_, DnsMessage answer, IPEndPoint? destination) = Assert.Single(_link.Sent);
        Assert.Null(destination);
        Assert.Equal(DnsType.Pointer, Assert.Single(answer.Answers).Type);
        Assert.Equal([DnsType.Service, DnsType.Text, DnsType.A], answer.Additionals.Select(each => each.Type));
        Assert.Empty(answer.Questions);
    }

    [Fact]
    public void The_list_of_types_names_ours()
    {
        Start(TestLink.Service(), TestLink.Service(8009));
        _link.Ask(TestLink.Types, DnsType.Pointer);
        _link.Pass(200);

        DnsRecord answer = Assert.Single(_link.TakeAnswers());
        Assert.True(answer.IsSame(DnsRecord.Pointer(TestLink.Types, TestLink.Type)));
    }

    [Theory]
    [InlineData(33)]
    [InlineData(16)]
    public void What_only_we_have_is_answered_at_once(ushort type)
    {
        LinkService service = TestLink.Service();
        Start(service);
        _link.Ask(service.Instance, (DnsType)type);

        Assert.Equal((DnsType)type, Assert.Single(_link.TakeAnswers()).Type);
    }

    [Fact]
    public void Who_asks_for_what_a_name_has_not_is_told_what_it_has()
    {
        LinkService service = TestLink.Service();
        Start(service);
        _link.Ask(service.Host, DnsType.Aaaa);

        DnsRecord answer = Assert.Single(_link.TakeAnswers());
        Assert.True(answer.IsSame(DnsRecord.Types(service.Host, DnsType.A)));
    }

    [Theory]
    [InlineData("other port 4420")]
    [InlineData("nas port 8009")]
    public void A_question_about_another_is_not_answered(string name)
    {
        Start(TestLink.Service());
        _link.Ask(DnsName.Of(name, "_nvme-disc", "_tcp", "local"), DnsType.Any);
        _link.Pass(1000);

        Assert.Empty(_link.Sent);
    }

    [Fact]
    public void What_the_asker_knows_is_not_said_unless_it_is_about_to_forget_it()
    {
        LinkService service = TestLink.Service();
        Start(service);
        DnsRecord known = DnsRecord.Pointer(TestLink.Type, service.Instance);
        _link.Ask(TestLink.Type, DnsType.Pointer, known: known with { TimeToLive = 2250 });
        _link.Pass(1000);
        Assert.Empty(_link.Sent);

        _link.Ask(TestLink.Type, DnsType.Pointer, known: known with { TimeToLive = 2249 });
        _link.Pass(1000);
        Assert.Single(_link.Sent);
    }

    [Fact]
    public void What_the_asker_knows_may_come_in_a_second_message()
    {
        LinkService service = TestLink.Service();
        Start(service);
        DnsQuestion[] question = [new DnsQuestion(TestLink.Type, DnsType.Pointer, DnsRecord.Internet, WantsUnicast: false)];
        DnsRecord[] known = [DnsRecord.Pointer(TestLink.Type, service.Instance)];
        _link.Receive(TestLink.Query(question, [], [], DnsMessage.TruncatedFlag));
        _link.Pass(399);
        Assert.Empty(_link.Sent);
        _link.Receive(TestLink.Query([], known, []));
        _link.Pass(1000);
        Assert.Empty(_link.Sent);

        _link.Receive(TestLink.Query(question, [], [], DnsMessage.TruncatedFlag));
        _link.Receive(TestLink.Query([], known, []), new IPEndPoint(IPAddress.Parse("192.0.2.98"), 5353));
        _link.Pass(1000);
        Assert.Single(_link.Sent);
    }

    [Fact]
    public void However_often_it_is_asked_for_a_record_goes_to_all_once_a_second()
    {
        LinkService service = TestLink.Service();
        Start(service);
        long start = _link.Now;
        for (int count = 0; count < 500; count++)
        {
            _link.Ask(service.Instance, DnsType.Service);
            _link.Pass(10);
        }

        Assert.Equal([0, 1000, 2000, 3000, 4000, 5000], _link.Sent.Select(each => each.Time - start));
    }

    [Fact]
    public void An_answer_that_all_have_just_heard_goes_to_the_asker_alone_when_it_wants_so()
    {
        LinkService service = TestLink.Service();
        Start(service);
        _link.Ask(service.Instance, DnsType.Service, unicast: true);
        Assert.Null(Assert.Single(_link.Sent).Destination);
        _link.Sent.Clear();

        _link.Ask(service.Instance, DnsType.Service, unicast: true);
        Assert.Equal(TestLink.Neighbour, Assert.Single(_link.Sent).Destination);
        _link.Sent.Clear();

        _link.Pass(30_000);
        _link.Ask(service.Instance, DnsType.Service, unicast: true);
        Assert.Null(Assert.Single(_link.Sent).Destination);
    }

    [Fact]
    public void A_legacy_query_gets_a_legacy_response()
    {
        Start(TestLink.Service());
        var querier = new IPEndPoint(IPAddress.Parse("192.0.2.50"), 40000);
        var question = new DnsQuestion(TestLink.Type, DnsType.Pointer, DnsRecord.Internet, WantsUnicast: false);
        _link.Receive(TestLink.Query([question], [], [], id: 0x1234), querier);

        (_, DnsMessage answer, IPEndPoint? destination) = Assert.Single(_link.Sent);
        Assert.Equal(querier, destination);
        Assert.Equal(0x1234, answer.Id);
        Assert.Equal(TestLink.Type, Assert.Single(answer.Questions).Name);
        Assert.All(answer.Answers.Concat(answer.Additionals), each =>
        {
            Assert.False(each.IsUnique);
            Assert.InRange(each.TimeToLive, 1u, 10u);
        });
        Assert.Equal(
            [DnsType.Pointer, DnsType.Service, DnsType.Text, DnsType.A],
            answer.Answers.Concat(answer.Additionals).Select(each => each.Type));
    }

    [Fact]
    public void Nothing_goes_to_a_single_asker_behind_a_router()
    {
        LinkService service = TestLink.Service();
        Start(service);
        var far = new IPEndPoint(IPAddress.Parse("203.0.113.1"), 40000);
        _link.Ask(service.Instance, DnsType.Service, source: far, isOnLink: false);
        _link.Receive(
            TestLink.Query([new DnsQuestion(service.Instance, DnsType.Any, 1, false)], [], []),
            TestLink.Neighbour,
            isMulticast: false,
            isOnLink: false);
        _link.Pass(1000);

        Assert.Empty(_link.Sent);
    }

    [Fact]
    public void Single_askers_get_a_limited_number_of_answers_a_second()
    {
        LinkService service = TestLink.Service();
        Start(service);
        for (int count = 0; count < 100; count++)
            _link.Ask(service.Instance, DnsType.Service, source: new IPEndPoint(IPAddress.Parse("192.0.2.50"), 1024 + count));
        Assert.Equal(MdnsResponder.MaxUnicastsPerSecond, _link.Sent.Count);

        _link.Pass(1000);
        _link.Sent.Clear();
        _link.Ask(service.Instance, DnsType.Service, source: new IPEndPoint(IPAddress.Parse("192.0.2.50"), 1024));
        Assert.Single(_link.Sent);
    }

    [Fact]
    public void What_another_has_just_said_for_us_is_not_said_again_and_what_it_took_back_is()
    {
        LinkService service = TestLink.Service();
        Start(service);
        DnsRecord pointer = DnsRecord.Pointer(TestLink.Type, service.Instance);
        _link.Ask(TestLink.Type, DnsType.Pointer);
        _link.Hear(pointer);
        _link.Pass(1000);
        Assert.Empty(_link.Sent);

        _link.Hear(pointer with { TimeToLive = 0 });
        _link.Pass(1000);
        Assert.True(Assert.Single(_link.TakeAnswers()).IsSame(pointer));
    }

    [Fact]
    public void A_stop_takes_back_what_was_told()
    {
        Start(TestLink.Service());
        _link.Stop();

        List<DnsRecord> goodbye = _link.TakeAnswers();
        Assert.Equal([DnsType.Pointer, DnsType.Service, DnsType.Text, DnsType.A], goodbye.Select(each => each.Type));
        Assert.All(goodbye, each => Assert.Equal(0u, each.TimeToLive));
        _link.Ask(TestLink.Type, DnsType.Pointer);
        _link.Pass(1000);
        Assert.Empty(_link.Sent);
    }

    [Fact]
    public void A_service_that_nobody_was_told_of_goes_without_a_goodbye()
    {
        _link.Set(TestLink.Service());
        _link.Sent.Clear();
        _link.Stop();

        Assert.Empty(_link.Sent);
    }

    [Fact]
    public void A_port_that_goes_takes_back_its_own_and_leaves_the_others()
    {
        Start(TestLink.Service(), TestLink.Service(8009));
        _link.Set(TestLink.Service());

        List<DnsRecord> goodbye = _link.TakeAnswers();
        Assert.Equal(4, goodbye.Count);
        Assert.True(goodbye[0].IsSame(DnsRecord.Pointer(TestLink.Type, TestLink.Service(8009).Instance)));
        _link.Ask(TestLink.Type, DnsType.Pointer);
        _link.Pass(1000);
        Assert.Single(_link.TakeAnswers());
    }

    [Fact]
    public void An_address_that_comes_is_announced_and_one_that_goes_is_taken_back()
    {
        Start(TestLink.Service(addresses: ["192.0.2.7", "192.0.2.8"]));
        _link.Set(TestLink.Service(addresses: ["192.0.2.8", "192.0.2.9"]));
        Assert.True(_link.Responder.IsUp(4420));

        List<DnsRecord> told = _link.TakeAnswers();
        DnsName host = TestLink.Service().Host;
        DnsRecord gone = Assert.Single(told, each => each.TimeToLive == 0);
        Assert.True(gone.IsSame(DnsRecord.Address(host, IPAddress.Parse("192.0.2.7"))));
        Assert.Contains(told, each => each.TimeToLive > 0 && each.IsSame(DnsRecord.Address(host, IPAddress.Parse("192.0.2.9"))));
    }

    [Fact]
    public void Setting_the_same_again_says_nothing()
    {
        Start(TestLink.Service());
        _link.Set(TestLink.Service());
        _link.Pass(10_000);

        Assert.Empty(_link.Sent);
    }

    [Fact]
    public void A_hundred_addresses_are_told_in_several_messages()
    {
        string[] many = [.. Enumerable.Range(1, 200).Select(each => $"2001:db8::{each:x}")];
        _link.Set(TestLink.Service(addresses: many));
        _link.Pass(750);

        Assert.True(_link.Sent.Count(each => each.Message.IsResponse) > 1);
        Assert.Equal(many.Length + 4, _link.TakeAnswers().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000000100000000")]
    [InlineData("000000000001000000000000C00C00FF0001")]
    public void An_unsound_message_is_counted_and_not_answered(string hex)
    {
        Start(TestLink.Service());
        _link.Receive(Convert.FromHexString(hex));
        _link.Pass(1000);

        Assert.Equal(1, _link.Responder.MalformedMessages);
        Assert.Empty(_link.Sent);
    }

    private void Start(params LinkService[] services)
    {
        _link.Set(services);
        _link.FinishAnnouncing();
    }
}
