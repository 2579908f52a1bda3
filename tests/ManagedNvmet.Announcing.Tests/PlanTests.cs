using System.Net;

namespace ManagedNvmet.Announcing.Tests;

public sealed class PlanTests
{
    private static readonly NetworkLink Eth0 = Link(2, "eth0", "192.0.2.7/24", "2001:db8::7/64", "fe80::7/64");
    private static readonly NetworkLink Eth1 = Link(3, "eth1", "198.51.100.7/24", "fe80::8/64");
    private static readonly NetworkLink Eth2 = Link(4, "eth2", "fe80::9/64");

    [Fact]
    public void An_address_is_announced_on_its_own_link_alone()
    {
        Assert.Equal(["4420 eth1 198.51.100.7"], Plan("198.51.100.7:4420"));
    }

    [Fact]
    public void A_wildcard_is_announced_on_every_link_with_the_addresses_of_its_family_there()
    {
        Assert.Equal(["4420 eth0 192.0.2.7", "4420 eth1 198.51.100.7"], Plan("0.0.0.0:4420"));
        Assert.Equal(["4420 eth0 2001:db8::7", "4420 eth2 fe80::9"], Plan("[::]:4420"));
    }

    [Fact]
    public void Two_listeners_of_one_port_are_one_service()
    {
        Assert.Equal(["4420 eth0 192.0.2.7 2001:db8::7", "4420 eth1 198.51.100.7", "4420 eth2 fe80::9"], Plan("0.0.0.0:4420", "[::]:4420"));
        Assert.Equal(["4420 eth0 192.0.2.7", "8009 eth0 192.0.2.7"], Plan("192.0.2.7:8009", "192.0.2.7:4420"));
    }

    [Fact]
    public void A_link_local_address_is_announced_when_it_is_listened_on_by_name()
    {
        var endPoint = new IPEndPoint(IPAddress.Parse("fe80::8%3"), 4420);
        AnnouncementPlan plan = AnnouncementPlan.Make([endPoint], [Eth0, Eth1, Eth2]);

        Assert.Equal("eth1", Assert.Single(Assert.Single(plan.Services).Links).Link.Name);
        Assert.Empty(plan.Reasons);
    }

    [Theory]
    [InlineData("127.0.0.1:4420", "Other machines cannot reach a loopback address.")]
    [InlineData("[::1]:4420", "Other machines cannot reach a loopback address.")]
    [InlineData("203.0.113.1:4420", "No interface that is up and supports multicast has this address.")]
    public void What_nobody_elsewhere_can_reach_is_not_announced(string listening, string reason)
    {
        IPEndPoint endPoint = IPEndPoint.Parse(listening);
        AnnouncementPlan plan = AnnouncementPlan.Make([endPoint], [Eth0, Eth1, Eth2]);

        Assert.Empty(plan.Services);
        Assert.Equal(reason, plan.Reasons[endPoint]);
    }

    [Fact]
    public void Addresses_and_ports_are_announced_up_to_a_number()
    {
        NetworkLink many = Link(9, "eth9", [.. Enumerable.Range(1, 40).Select(each => $"10.0.0.{each}/8")]);
        IPEndPoint[] ports =
            [.. Enumerable.Range(0, AnnouncementPlan.MaxServices + 1).Select(each => new IPEndPoint(IPAddress.Any, 4420 + each))];
        AnnouncementPlan plan = AnnouncementPlan.Make(ports, [many]);

        Assert.Equal(AnnouncementPlan.MaxServices, plan.Services.Count);
        Assert.Equal(AnnouncementPlan.MaxAddresses, plan.Services[0].Links[0].Addresses.Count);
        Assert.Equal($"At most {AnnouncementPlan.MaxServices} TCP ports are announced.", Assert.Single(plan.Reasons).Value);
    }

    [Fact]
    public void A_neighbour_shares_the_network()
    {
        Assert.True(Eth0.IsNeighbour(IPAddress.Parse("192.0.2.200")));
        Assert.True(Eth0.IsNeighbour(IPAddress.Parse("fe80::1234%2")));
        Assert.True(Eth0.IsNeighbour(IPAddress.Parse("2001:db8::1")));
        Assert.False(Eth0.IsNeighbour(IPAddress.Parse("192.0.3.1")));
        Assert.False(Eth0.IsNeighbour(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Theory]
    [InlineData("nas", "nas port 4420", "nas-4420")]
    [InlineData("nas.example.com", "nas port 4420", "nas-4420")]
    [InlineData("Größe", "Größe port 4420", "Gr--e-4420")]
    [InlineData("", "localhost port 4420", "localhost-4420")]
    public void A_machine_gives_its_services_their_names(string machine, string instance, string host)
    {
        var names = new ServiceNames(machine);

        Assert.Equal(instance, names.Instance(4420, 1));
        Assert.Equal(instance + " (2)", names.Instance(4420, 2));
        Assert.Equal(host, names.Host(4420, 1));
        Assert.Equal(host + "-2", names.Host(4420, 2));
    }

    [Fact]
    public void The_longest_machine_name_and_the_last_attempt_fit_into_a_label()
    {
        var names = new ServiceNames(new string('é', 100));

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(names.Instance(65535, 1_000_000)), 1, 63);
        Assert.InRange(new ServiceNames(new string('x', 100)).Host(65535, int.MaxValue).Length, 1, 63);
    }

    private static IEnumerable<string> Plan(params string[] listening) =>
        AnnouncementPlan.Make(listening.Select(IPEndPoint.Parse), [Eth2, Eth1, Eth0]).Services
            .SelectMany(service => service.Links.Select(each => $"{service.TcpPort} {each.Link.Name} {string.Join(" ", each.Addresses)}"));

    private static NetworkLink Link(int index, string name, params string[] addresses) => new(
        index,
        name,
        [.. addresses.Select(each => each.Split('/')).Select(each => new LinkAddress(IPAddress.Parse(each[0]), int.Parse(each[1])))]);
}
