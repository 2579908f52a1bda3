using System.Net;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Tracing;

namespace ManagedNvmet.Management.Tests.Tracing;

public sealed class TraceRequestTests
{
    private static readonly Nqn HostNqn = Nqn.Parse("nqn.2026-11.com.example:host");
    private static readonly Nqn SubsystemNqn = Nqn.Parse("nqn.2026-11.com.example:disk");

    [Fact]
    public void Without_a_word_everything_is_shown_and_no_payload()
    {
        TraceRequest request = Parse();

        Assert.False(request.NeedsConnect);
        Assert.True(request.MatchesAddress(null));
        Assert.True(request.Matches(null, null, 5));
        Assert.True(request.Commands.Contains(new SubmissionEntry { Opcode = 0xC0 }, isAdmin: false));
        Assert.Equal((0, TraceLimits.DefaultMaxBytes, null), (request.DataBytes, request.MaxBytes, request.Duration));
        Assert.Equal("all PDUs", request.Describe());
    }

    [Theory]
    [InlineData("admin", true, false, false)]
    [InlineData("IO", false, true, true)]
    [InlineData("0", true, false, false)]
    [InlineData("2", false, false, true)]
    public void A_queue_is_a_kind_or_a_number(string queue, bool zero, bool one, bool two)
    {
        TraceRequest request = Parse(queue: queue);

        Assert.True(request.NeedsConnect);
        Assert.Equal([zero, one, two], new[] { 0, 1, 2 }.Select(id => request.Matches(HostNqn, SubsystemNqn, id)));
    }

    [Fact]
    public void Names_and_addresses_are_compared_whole()
    {
        TraceRequest request = Parse(host: HostNqn.Text, subsystem: SubsystemNqn.Text, address: "::ffff:192.0.2.7");

        Assert.True(request.Matches(HostNqn, SubsystemNqn, 1));
        Assert.False(request.Matches(Nqn.Parse(HostNqn.Text + "2"), SubsystemNqn, 1));
        Assert.False(request.Matches(HostNqn, HostNqn, 1));
        Assert.False(request.Matches(null, SubsystemNqn, 1));
        Assert.True(request.MatchesAddress(IPAddress.Parse("192.0.2.7")));
        Assert.True(request.MatchesAddress(IPAddress.Parse("192.0.2.7").MapToIPv6()));
        Assert.False(request.MatchesAddress(IPAddress.Parse("192.0.2.8")));
        Assert.False(request.MatchesAddress(null));
    }

    [Theory]
    [InlineData("read", 0x02, false, true)]
    [InlineData("read", 0x02, true, false)]
    [InlineData("Get Log Page", 0x02, true, true)]
    [InlineData("get-log-page", 0x02, false, false)]
    [InlineData("writezeroes", 0x08, false, true)]
    [InlineData("2", 0x02, true, true)]
    [InlineData("0x0c", 0x0C, true, true)]
    [InlineData("0Ch", 0x0C, true, true)]
    [InlineData("0xff", 0x0C, true, false)]
    public void A_command_is_a_name_of_its_kind_of_queue_or_a_number_of_both(string text, byte opcode, bool isAdmin, bool isIn) =>
        Assert.Equal(isIn, Parse(opcodes: [text]).Commands.Contains(new SubmissionEntry { Opcode = opcode }, isAdmin));

    [Fact]
    public void A_connect_is_always_shown_and_other_fabrics_commands_by_name_or_all_by_their_opcode()
    {
        var connect = new SubmissionEntry { Opcode = 0x7F, FabricsType = 1 };
        var get = new SubmissionEntry { Opcode = 0x7F, FabricsType = 4 };

        Assert.True(Parse(opcodes: ["read"]).Commands.Contains(connect, isAdmin: true));
        Assert.False(Parse(opcodes: ["read"]).Commands.Contains(get, isAdmin: true));
        Assert.True(Parse(opcodes: ["read", "property-get"]).Commands.Contains(get, isAdmin: true));
        Assert.True(Parse(opcodes: ["7Fh"]).Commands.Contains(get, isAdmin: true));
    }

    [Theory]
    [InlineData("There is no command 'raed'", "opcode", "raed")]
    [InlineData("Did you mean read?", "opcode", "rea")]
    [InlineData("There is no command '256'", "opcode", "256")]
    [InlineData("The queue is '-1', expected a number from 0 to 65535, 'admin' or 'io'", "queue", "-1")]
    [InlineData("The queue is '65536'", "queue", "65536")]
    [InlineData("The address is 'db1', expected one of a host", "address", "db1")]
    [InlineData("'' is no name of a host or subsystem", "host", "")]
    [InlineData("The payload to record per PDU is 32769 bytes, expected 0 to 32768", "data", "32769")]
    [InlineData("The payload to record per PDU is -1 bytes", "data", "-1")]
    [InlineData("The maximum size of the trace is 4095 bytes, expected 4096 or more", "max", "4095")]
    [InlineData("The duration of the trace is 0 seconds", "seconds", "0")]
    [InlineData("The duration of the trace is NaN seconds", "seconds", "NaN")]
    public void What_is_wrong_is_said(string sentence, string field, string value)
    {
        FormatException exception = Assert.Throws<FormatException>(() => Parse(
            host: field == "host" ? value : null,
            address: field == "address" ? value : null,
            queue: field == "queue" ? value : null,
            opcodes: field == "opcode" ? [value] : null,
            data: field == "data" ? long.Parse(value) : null,
            max: field == "max" ? long.Parse(value) : null,
            seconds: field == "seconds" ? double.Parse(value) : null));

        Assert.Contains(sentence, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limits_themselves_are_allowed()
    {
        TraceRequest request = Parse(data: TraceLimits.MaxDataBytes, max: TraceLimits.MinMaxBytes, seconds: 0.5);

        Assert.Equal((TraceLimits.MaxDataBytes, TraceLimits.MinMaxBytes, TimeSpan.FromSeconds(0.5)),
            (request.DataBytes, request.MaxBytes, request.Duration));
    }

    [Fact]
    public void More_commands_than_there_are_have_an_end() =>
        Assert.Throws<FormatException>(() => Parse(opcodes: [.. Enumerable.Repeat("1", TraceLimits.MaxOpcodes + 1)]));

    private static TraceRequest Parse(
        string? host = null, string? address = null, string? subsystem = null, string? queue = null, string[]? opcodes = null,
        long? data = null, long? max = null, double? seconds = null) =>
        TraceRequest.Parse(host, address, subsystem, queue, opcodes, data, max, seconds);
}
