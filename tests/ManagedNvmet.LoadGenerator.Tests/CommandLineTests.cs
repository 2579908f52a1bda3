using Xunit;

namespace ManagedNvmet.LoadGenerator.Tests;

public sealed class CommandLineTests
{
    private const string Nqn = "nqn.2026-11.io.example:load";

    private readonly LoadCommandLine _commandLine = new((_, _) => Task.FromResult(0));

    [Fact]
    public void Every_option_reaches_the_load()
    {
        LoadArguments arguments = _commandLine.Parse(
        [
            "192.0.2.7:4421", Nqn, "--size", "128k", "--depth", "8", "--queues", "4", "--read-percent", "70", "--pattern", "sequential",
            "--rate", "5000", "--seconds", "2.5", "--warm-up", "0", "--namespace", "3", "--range", "1G", "--verify", "--header-digest",
            "--data-digest", "--shards", "2", "--spin", "--json", "-", "--label", "ours", "--quiet", "--seed", "7",
            "--host-nqn", "nqn.2026-11.io.example:host",
        ]);

        var expected = new LoadArguments
        {
            Target = new TargetAddress("192.0.2.7", 4421),
            SubsystemNqn = ManagedNvmet.Nqn.Parse(Nqn),
            TransferBytes = 131_072,
            QueueDepth = 8,
            Queues = 4,
            ReadPercent = 70,
            IsSequential = true,
            Rate = 5000,
            Seconds = 2.5,
            WarmUpSeconds = 0,
            NamespaceId = 3,
            RangeBytes = 1UL << 30,
            Verify = true,
            HeaderDigest = true,
            DataDigest = true,
            Shards = 2,
            Spin = true,
            JsonPath = "-",
            Label = "ours",
            Quiet = true,
            Seed = 7,
            HostNqn = ManagedNvmet.Nqn.Parse("nqn.2026-11.io.example:host"),
        };
        Assert.Equal(expected, arguments);
    }

    [Theory]
    [InlineData("--size 100", "--size is 100, expected a multiple of 512")]
    [InlineData("--size 17M", "--size is '17M'")]
    [InlineData("--size four", "--size is 'four'")]
    [InlineData("--depth 0", "--depth is 0")]
    [InlineData("--depth 65536", "--depth is 65536")]
    [InlineData("--queues 0", "--queues is 0")]
    [InlineData("--read-percent 101", "--read-percent is 101")]
    [InlineData("--pattern zipf", "--pattern is 'zipf', expected random or sequential")]
    [InlineData("--rate 0", "--rate is 0")]
    [InlineData("--rate NaN", "--rate is NaN")]
    [InlineData("--seconds 0", "--seconds is 0")]
    [InlineData("--seconds NaN", "--seconds is NaN")]
    [InlineData("--warm-up -1", "--warm-up is -1")]
    [InlineData("--namespace 0", "--namespace is 0")]
    [InlineData("--shards 65 --queues 70", "--shards is 65")]
    [InlineData("--shards 2", "there are only 1 queues")]
    [InlineData("--range 4095", "--range is 4095 bytes")]
    [InlineData("--server-pid 0", "--server-pid is 0")]
    [InlineData("--json /nowhere/at/all.json", "its folder does not exist")]
    [InlineData("--host-nqn host", "--host-nqn is 'host'")]
    [InlineData("--no-such-option", "--no-such-option")]
    public void What_makes_no_sense_is_refused_with_a_reason(string options, string reason)
    {
        UsageException refusal = Assert.Throws<UsageException>(() => _commandLine.Parse(["127.0.0.1", Nqn, .. options.Split(' ')]));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7:4420")]
    [InlineData("192.0.2.7:1", "192.0.2.7:1")]
    [InlineData("2001:db8::7", "[2001:db8::7]:4420")]
    [InlineData("[2001:db8::7]", "[2001:db8::7]:4420")]
    [InlineData("[::1]:65535", "[::1]:65535")]
    [InlineData("[fe80::1%1]:4420", "[fe80::1%1]:4420")]
    [InlineData("storage.example:4421", "storage.example:4421")]
    public void An_address_is_taken_in_every_usual_form(string text, string meaning) =>
        Assert.Equal(meaning, TargetAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("::1:::")]
    [InlineData("[192.0.2.7]:4420")]
    [InlineData("[::1]4420")]
    [InlineData("[::1")]
    [InlineData("a b")]
    [InlineData("192.0.2.7:0")]
    [InlineData("192.0.2.7:65536")]
    [InlineData("192.0.2.7:")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<UsageException>(() => TargetAddress.Parse(text));

    [Theory]
    [InlineData("4096", 4096UL)]
    [InlineData("4k", 4096UL)]
    [InlineData("128KiB", 131072UL)]
    [InlineData("1GB", 1073741824UL)]
    [InlineData("0", 0UL)]
    public void A_size_may_have_a_unit(string text, ulong bytes)
    {
        Assert.True(SizeText.TryParse(text, out ulong parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("16777216T")]
    public void What_is_no_size_is_refused(string text) => Assert.False(SizeText.TryParse(text, out _));
}
