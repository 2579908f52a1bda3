using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Every error in a configuration file, with its message. Single quotes stand for double quotes.</summary>
public sealed class ProblemTests
{
    private const string Subsystem = "'subsystems': [{ 'nqn': 'nqn.2026-11.com.example:a', ";

    [Theory]
    [InlineData("{ 'hosts': 3 }", "$.hosts: it is 3, expected a list of objects.")]
    [InlineData("[]", "$: it is a list, expected an object that describes a configuration.")]
    [InlineData("{ 'hosts': [ 7 ] }", "$.hosts[0]: it is 7, expected an object that describes a host.")]
    [InlineData("{ 'hosts': [ { } ] }",
        "$.hosts[0]: it has no \"nqn\"; a host needs one. Expected a name of 1 to 223 bytes, such as nqn.2026-11.com.example:disk1.")]
    [InlineData("{ 'hosts': [ { 'nqn': 'nqn.2026-11.com.example:h', 'nqn': 'x' } ] }",
        "$.hosts[0].nqn: it stands twice in one object, expected once. Remove one of them.")]
    [InlineData("{ 'hosts': [ { 'nqn': 'nqn.2026-11.com.example:h' }, { 'nqn': 'nqn.2026-11.com.example:h' } ] }",
        "$.hosts[1].nqn: there is a host nqn.2026-11.com.example:h already. Put both together.")]
    [InlineData("{ 'hosts': [ { 'nqn': 'nqn.2026-11.com.example:h', 'managed_nvmet': { 'source_network': [] } } ] }",
        "$.hosts[0].managed_nvmet.source_network: there is no attribute \"source_network\" here; known are host_id, source_networks, key, "
            + "controller_key, qos, max_controllers, max_queues. Did you mean \"source_networks\"?")]
    [InlineData("{ 'hosts': [ { 'nqn': 'nqn.2026-11.com.example:h', 'managed_nvmet': { 'source_networks': ['10.0.0.0/99'] } } ] }",
        "$.hosts[0].managed_nvmet.source_networks: it is a list, expected a list of networks such as [\"192.0.2.0/24\", "
            + "\"2001:db8::/32\"], "
            + "or of addresses.")]
    [InlineData("{ " + Subsystem + "'attr': { 'allow_any_host': 'maybe' } }] }",
        "$.subsystems[0].attr.allow_any_host: it is \"maybe\", expected 0 or 1, or true or false.")]
    [InlineData("{ " + Subsystem + "'attr': 3 }] }", "$.subsystems[0].attr: it is 3, expected an object with attributes.")]
    [InlineData("{ " + Subsystem + "'attr': { 'cntlid_min': '70000' } }] }",
        "$.subsystems[0].attr.cntlid_min: it is \"70000\", expected a number from 1 to 65519.")]
    [InlineData("{ " + Subsystem + "'attr': { 'cntlid_min': 9, 'cntlid_max': 8 } }] }",
        "$.subsystems[0].attr.cntlid_min: it is 9, above cntlid_max, which is 8. Exchange them.")]
    [InlineData("{ " + Subsystem + "'attr': { 'serial': '123456789012345678901' } }] }",
        "$.subsystems[0].attr.serial: it is \"123456789012345678901\", expected 1 to 20 printable ASCII characters.")]
    [InlineData("{ 'subsystems': [{ 'nqn': 'nqn.2014-08.org.nvmexpress.discovery' }] }",
        "$.subsystems[0].nqn: nqn.2014-08.org.nvmexpress.discovery is the name of every discovery subsystem. Choose another name for "
            + "yours.")]
    [InlineData("{ " + Subsystem + "'managed_nvmet': { 'duplicate_hosts': 'fense' } }] }",
        "$.subsystems[0].managed_nvmet.duplicate_hosts: it is \"fense\", expected one of \"allow\", \"warn\", \"fence\". Did you mean "
            + "\"fence\"?")]
    [InlineData("{ " + Subsystem + "'managed_nvmet': { 'qos': { 'read_ios': 3 } } }] }",
        "$.subsystems[0].managed_nvmet.qos.read_ios: there is no attribute \"read_ios\" here; known are read_iops, write_iops, total_iops, "
            + "read_bytes, write_bytes, total_bytes, burst_seconds. Did you mean \"read_iops\"?")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 1 }] }] }",
        "$.subsystems[0].namespaces[0]: it has no \"device.path\"; a namespace needs one. Expected a text.")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 0, 'device': { 'path': '/a' } }] }] }",
        "$.subsystems[0].namespaces[0].nsid: it is 0, expected a number from 1 to 8192.")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 9000, 'device': { 'path': '/a' } }] }] }",
        "$.subsystems[0].namespaces[0].nsid: it is 9000, expected a number from 1 to 8192.")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 1, 'device': { 'path': 'mem:1X' } }] }] }",
        "$.subsystems[0].namespaces[0].device.path: \"1X\" in \"mem:1X\" is no size; expected bytes, or a number with a unit such as 512M "
            + "or 1TiB.")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 1, 'device': { 'path': 'device:x' } }] }] }",
        "$.subsystems[0].namespaces[0].device.path: the program brings no device \"x\" along. Expected PATH, mem:SIZE or null:SIZE.")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 1, 'device': { 'path': 'mem:1M' }, 'managed_nvmet': { 'force': true } }] }] }",
        "$.subsystems[0].namespaces[0].device.path: \"mem:1M\" is mem:SIZE, which does not take the option force. Leave the option out.")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 1, 'device': { 'path': '/a' } }, { 'nsid': 1, 'device': { 'path': '/b' } }] "
        + "}] }",
        "$.subsystems[0].namespaces[1].nsid: nqn.2026-11.com.example:a has a namespace 1 already. Choose another number.")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 1, 'device': { 'path': '/a' } }, { 'nsid': 2, 'device': { 'path': '/x/../a' "
        + "} }] }] }",
        "$.subsystems[0].namespaces[1].device.path: /x/../a of namespace 2 of nqn.2026-11.com.example:a is served by namespace 1 of "
            + "nqn.2026-11.com.example:a already. Serve it once, or set force or read_only for both.")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 1, 'device': { 'path': 'mem:1M', 'uuid': "
        + "'43c4260a-826b-475d-9b42-883b4258f53f' } }, "
        + "{ 'nsid': 2, 'device': { 'path': 'mem:1M', 'uuid': '43C4260A-826B-475D-9B42-883B4258F53F' } }] }] }",
        "$.subsystems[0].namespaces[1].device.uuid: the UUID 43c4260a-826b-475d-9b42-883b4258f53f of namespace 2 of "
            + "nqn.2026-11.com.example:a is "
            + "that of namespace 1 of nqn.2026-11.com.example:a too; hosts take both for one disk. Give each its own, or leave it out to "
            + "have "
            + "one made.")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': 'localhost', 'trtype': 'tcp' } }] }",
        "$.ports[0].addr.traddr: \"localhost\" is no IP address. Expected such as 192.0.2.7, 0.0.0.0, 2001:db8::7 or ::.")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': '::1', 'adrfam': 'ipv4' } }] }",
        "$.ports[0].addr.adrfam: it does not fit the address ::1. Expected \"ipv6\".")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': 'fe80::1' } }] }",
        "$.ports[0].addr.traddr: fe80::1 is link-local and needs an interface. Expected such as fe80::1%eth0.")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': '0.0.0.0' } }, { 'portid': 2, 'addr': { 'traddr': '192.0.2.1' } }] }",
        "$.ports[1].addr.traddr: 192.0.2.1:4420 of port 2 meets 0.0.0.0:4420 of port 1. Choose another address or TCP port.")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': '192.0.2.1' } }, { 'portid': 1, 'addr': { 'traddr': '192.0.2.2' } }] }",
        "$.ports[1].portid: there is a port 1 already. Choose another number.")]
    [InlineData("{ " + Subsystem + "}], 'ports': [{ 'portid': 1, 'addr': { 'traddr': '192.0.2.1' }, 'subsystems': "
        + "['nqn.2026-11.com.example:b'] }] }",
        "$.ports[0].subsystems: there is no subsystem nqn.2026-11.com.example:b. Did you mean nqn.2026-11.com.example:a?")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': '192.0.2.1', 'treq': 'requird' } }] }",
        "$.ports[0].addr.treq: it is \"requird\", expected one of \"not specified\", \"required\", \"not required\". Did you mean "
            + "\"required\"?")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': '192.0.2.1' }, 'ana_groups': [{ 'grpid': 1, 'ana': { 'state': 'best' } }] "
        + "}] }",
        "$.ports[0].ana_groups[0].ana.state: it is \"best\", expected one of \"optimized\", \"non-optimized\", \"inaccessible\", "
            + "\"persistent-loss\", \"change\".")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': '192.0.2.1' }, 'referrals': [{ 'name': 'r', 'addr': { 'traddr': 'x' } }] "
        + "}] }",
        "$.ports[0].referrals[0].addr.traddr: \"x\" is no IP address. Expected such as 192.0.2.7 or 2001:db8::7.")]
    public void A_mistake_is_an_error_with_its_place_and_what_to_do(string text, string expected)
    {
        ConfigurationReading reading = Samples.Read(text.Replace('\'', '"'));

        ConfigurationProblem error = Assert.Single(reading.Problems, problem => problem.Severity == ProblemSeverity.Error);
        Assert.Equal("line 1, " + expected, error.ToString());
        Assert.False(reading.IsSound);
    }

    [Theory]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': '192.0.2.1', 'trtype': 'rdma' } }] }",
        "$.ports[0].addr.trtype: port 1 uses \"rdma\"; it is kept and not served. This target serves \"tcp\".")]
    [InlineData("{ 'ports': [{ 'portid': 1, 'addr': { 'traddr': '192.0.2.1', 'tsas': 'tls1.3' } }] }",
        "$.ports[0].addr.tsas: port 1 asks for a secure channel, and this version has none: the port is not served. Set treq to \"not "
            + "specified\" "
            + "and tsas to \"none\" to serve it in clear text.")]
    [InlineData("{ 'hosts': [{ 'nqn': 'testhost' }] }",
        "$.hosts[0].nqn: testhost has not the form of an NVMe Qualified Name; some hosts refuse it. Expected "
            + "nqn.YYYY-MM.REVERSE-DOMAIN:NAME, "
            + "such as nqn.2026-11.com.example:disk1.")]
    [InlineData("{ 'hosts': [{ 'nqn': 'nqn.2026-11.com.example:h', 'managed_nvmet': { 'key': 'k' } }] }",
        "$.hosts[0]: host nqn.2026-11.com.example:h has a key, and this version cannot authenticate: the host is refused where it is "
            + "named as "
            + "allowed. Remove the key to let it in without authentication.")]
    [InlineData("{ " + Subsystem + "'attr': { 'allow_any_host': 1 }, 'allowed_hosts': ['nqn.2026-11.com.example:h'] }] }",
        "$.subsystems[0].attr.allow_any_host: every host may connect, so that allowed_hosts has no effect. Set allow_any_host to 0 to let "
            + "in only "
            + "those that are named.")]
    [InlineData("{ 'hosts': [{ 'nqn': 'nqn.2026-11.com.example:H' }], " + Subsystem + "'allowed_hosts': ['nqn.2026-11.com.example:h'] }] }",
        "$.subsystems[0].allowed_hosts: nqn.2026-11.com.example:h is not among the hosts. Did you mean nqn.2026-11.com.example:H?")]
    [InlineData("{ " + Subsystem + "'namespaces': [{ 'nsid': 1, 'device': { 'path': '/a' }, 'managed_nvmet': { 'visible_to': "
        + "['nqn.2026-11.com.example:h'] } }] }] }",
        "$.subsystems[0].namespaces[0].managed_nvmet.visible_to: nqn.2026-11.com.example:h may not connect to nqn.2026-11.com.example:a. "
            + "Add it to "
            + "allowed_hosts.")]
    [InlineData("{ " + Subsystem + "'serial': 'X' }] }",
        "$.subsystems[0].serial: the attribute \"serial\" of a subsystem is not known; it is kept and has no effect. \"attr.serial\" has "
            + "one.")]
    public void What_is_doubtful_is_a_warning_and_is_served(string text, string expected)
    {
        ConfigurationReading reading = Samples.Read(text.Replace('\'', '"'));

        Assert.Equal("line 1, " + expected, Assert.Single(reading.Problems).ToString());
        Assert.True(reading.IsSound);
    }

    [Fact]
    public void All_mistakes_are_reported_at_once_with_their_lines()
    {
        ConfigurationReading reading = Samples.Read(
            """
            {
              "subsystems": [
                { "nqn": "nqn.2026-11.com.example:a",
                  "attr": { "cntlid_max": "many" },
                  "namespaces": [
                    { "nsid": "one", "device": { "path": "/a" } },
                    { "nsid": 2, "enable": "perhaps", "device": { "path": "/a", "uuid": "12" } }
                  ] }
              ],
              "ports": [ { "portid": 1, "addr": { "trtype": "tcp", "traddr": "300.1.1.1" },
                "subsystems": [ "nqn.2026-11.com.example:b" ] } ]
            }
            """);

        Assert.Equal(
            [
                (4, "$.subsystems[0].attr.cntlid_max"), (6, "$.subsystems[0].namespaces[0].nsid"),
                (7, "$.subsystems[0].namespaces[1].device.uuid"), (7, "$.subsystems[0].namespaces[1].enable"),
                (10, "$.ports[0].addr.traddr"), (11, "$.ports[0].subsystems"),
            ],
            reading.Problems.Select(problem => (problem.Line!.Value, problem.Path)));
    }

    [Fact]
    public void Text_that_is_no_json_is_named_with_its_line()
    {
        ConfigurationProblem problem = Assert.Single(Samples.Read("{\n  \"hosts\": [\n").Problems);

        Assert.Equal(3, problem.Line);
        Assert.StartsWith("it is no JSON: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_of_a_program_that_no_file_can_hold_is_an_error_with_its_place()
    {
        var configuration = new TargetConfiguration
        {
            Hosts = [new HostConfiguration { Nqn = Nqn.Parse("nqn.2026-11.com.example:h"), MaxQueues = 0 }],
            Subsystems =
            [
                new SubsystemConfiguration
                {
                    Nqn = Nqn.Parse("nqn.2026-11.com.example:a"),
                    ControllerIdMin = 0,
                    ModelNumber = new string('m', 41),
                    Namespaces =
                    [
                        new NamespaceConfiguration
                        {
                            Id = 0,
                            Device = "null:1G",
                            BlockSize = 513,
                            QualityOfService = new QualityOfServiceConfiguration { ReadIops = 0 },
                        },
                    ],
                },
            ],
            Ports = [new PortConfiguration { Id = 1, Address = "127.0.0.1", ServiceId = 70_000 }],
        };

        string[] errors =
            [.. ConfigurationFile.Check(configuration).Where(each => each.Severity == ProblemSeverity.Error).Select(each => each.Path)];

        Assert.Equal(
            [
                "$.hosts[0].managed_nvmet.max_queues", "$.subsystems[0].attr.model", "$.subsystems[0].attr.cntlid_min",
                "$.subsystems[0].namespaces[0].nsid", "$.subsystems[0].namespaces[0].managed_nvmet.block_size",
                "$.subsystems[0].namespaces[0].managed_nvmet.qos.read_iops", "$.ports[0].addr.trsvcid",
            ],
            errors);
    }

    [Fact]
    public void A_flood_of_mistakes_is_cut_off()
    {
        string text = "{ \"hosts\": [" + string.Join(',', Enumerable.Repeat("7", 5000)) + "] }";

        Assert.Equal(1000, Samples.Read(text).Problems.Count);
    }
}
