using System.CommandLine;
using System.Reflection;

namespace ManagedNvmet.Server.Tests;

public sealed class ArgumentTests : ServerTest
{
    private const int WrongArguments = 2;

    [Theory]
    [InlineData("There is no option '--namespac'. Did you mean --namespace?", "--namespac", "mem:1G")]
    [InlineData("There is no option '--readonly'. Did you mean --read-only?", "--readonly")]
    [InlineData("There is no option '--frobnicate'.", "--frobnicate")]
    [InlineData("'mem:1G' belongs to no option. A disk is given with --namespace mem:1G.", "mem:1G")]
    [InlineData("Required argument missing for option: '--namespace'.", "--namespace")]
    [InlineData("Option '--nqn' expects a single argument but 2 were provided.", "--nqn", "a", "--nqn", "b")]
    [InlineData("--namespace: \"1X\" in \"mem:1X\" is no size; expected bytes, or a number with a unit", "--namespace", "mem:1X")]
    [InlineData("\"0\" in \"null:0\" is no size", "--namespace", "null:0")]
    [InlineData("There is no option \"block_size\". Did you mean block-size?", "--namespace", "mem:1M,block_size=512")]
    [InlineData("There is no option \"readonly\".", "--namespace", "mem:1M,readonly")]
    [InlineData("block-size=513 is not possible; expected 512, 1024, 2048 or 4096.", "--namespace", "mem:1M,block-size=513")]
    [InlineData("There is no disk in an empty text; expected PATH, mem:SIZE or null:SIZE.", "--namespace", "")]
    [InlineData("\"x\" is no UUID", "--namespace", "mem:1M,uuid=x")]
    [InlineData("--create is '3Q', expected a size such as 512M", "--create", "3Q")]
    [InlineData("--nqn is '', expected a name of 1 to 223 bytes without control characters", "--nqn", "")]
    [InlineData("--allow-any-host and --allow-host are given together", "--allow-any-host", "--allow-host", "nqn.2026-11.com.example:h")]
    [InlineData("--allow-host is 'a\tb', expected a name of 1 to 223 bytes without control characters", "--allow-host", "a\tb")]
    [InlineData("--serial is '', expected 1 to 20 printable ASCII characters.", "--serial", "")]
    [InlineData("--serial is '123456789012345678901', expected 1 to 20", "--serial", "123456789012345678901")]
    [InlineData("--serial is 'a b', expected 1 to 20", "--serial", "a\nb")]
    [InlineData("--shards is '0', expected 1 to 64.", "--shards", "0")]
    [InlineData("--shards is '65', expected 1 to 64.", "--shards", "65")]
    [InlineData("--shards is 'many', expected 1 to 64.", "--shards", "many")]
    [InlineData("--spin is '-1', expected 0 to 1000 microseconds.", "--spin", "-1")]
    [InlineData("--spin is '1001', expected 0 to 1000 microseconds.", "--spin", "1001")]
    [InlineData("--log-level is 'info', expected one of Trace, Debug, Information", "--log-level", "info")]
    [InlineData("Did you mean Information?", "--log-level", "info")]
    [InlineData("--log-level is '3', expected one of", "--log-level", "3")]
    [InlineData("--transport is 'pipes', expected one of Auto, Epoll, Pipelines. Did you mean Pipelines?", "--transport", "pipes")]
    [InlineData("--disk-engine is 'urin', expected one of Auto, Uring, Workers. Did you mean Uring?", "--disk-engine", "urin")]
    [InlineData("--congestion-control: This kernel has no congestion control 'rneo'; expected one of", "--congestion-control", "rneo")]
    [InlineData("--mdns is 'avahy', expected one of Off, Auto, Avahi, Own. Did you mean Avahi?", "--mdns", "avahy")]
    [InlineData("--state-directory is empty, expected a folder.", "--state-directory", "")]
    [InlineData("--listen: '4420' is no address; expected an address and a port, such as 192.0.2.7:4420", "--listen", "4420")]
    [InlineData("--listen: '127.0.0.1:65536' is no address", "--listen", "127.0.0.1:65536")]
    [InlineData("--listen: '::1' lacks the brackets of IPv6; expected such as [::1]:4420", "--listen", "::1")]
    [InlineData("--listen: fe80::1 is link-local and needs an interface, such as [fe80::1%eth0]:4420.", "--listen", "[fe80::1]")]
    [InlineData("--listen 127.0.0.1:4420 is given twice; give it once.", "--listen", "127.0.0.1", "--listen", "127.0.0.1:4420")]
    [InlineData("--listen 0.0.0.0:7 covers 127.0.0.1:7 already", "--listen", "127.0.0.1:7", "--listen", "0.0.0.0:7")]
    public async Task A_wrong_argument_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        string line = await RefusalAsync(WrongArguments, arguments);

        Assert.Contains(sentence, line, StringComparison.Ordinal);
        Assert.Contains("'managed-nvmet --help'", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(StateHome), "The state folder was touched.");
    }

    [Theory]
    [InlineData("--shards", "1")]
    [InlineData("--shards", "64")]
    [InlineData("--spin", "0")]
    [InlineData("--spin", "1000")]
    [InlineData("--serial", "12345678901234567890")]
    [InlineData("--log-level", "debug")]
    [InlineData("--disk-engine", "WORKERS")]
    [InlineData("--transport", "pipelines")]
    [InlineData("--congestion-control", "reno")]
    [InlineData("--mdns", "AUTO")]
    [InlineData("--nqn", "nqn.2026-11.com.example:disk1")]
    public async Task The_nearest_right_argument_is_taken(string option, string value)
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", option, value);

        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("", server.Error);
    }

    [Fact]
    public async Task Help_names_every_option_and_exits_with_0()
    {
        // Each option is a field of the command line class. The help lists only those that were added to the root command.
        Type commandLine = Assembly.Load("managed-nvmet").GetType("ManagedNvmet.Server.ServerCommandLine", throwOnError: true)!;
        object instance = Activator.CreateInstance(commandLine, [null])!;
        string[] options =
        [
            .. commandLine.GetFields(BindingFlags.NonPublic | BindingFlags.Instance)
                .Select(field => field.GetValue(instance)).OfType<Option>().Select(option => option.Name),
        ];
        Assert.Contains("--namespace", options);
        Assert.True(options.Length >= 11);

        ServerProcess server = Prepare("--help");
        server.Launch();

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.All(options, option => Assert.Matches($@"(^|\n) +(-\w, )?{option} ", server.Output));
        Assert.DoesNotContain("Additional Arguments", server.Output, StringComparison.Ordinal);
        Assert.Equal("", server.Error);
    }

    [Fact]
    public async Task Version_prints_the_version_alone()
    {
        ServerProcess server = Prepare("--version");
        server.Launch();

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Matches(@"^\d+\.\d+\.\d+(\+[0-9a-f]{40})?\n$", server.Output);
        Assert.Equal("", server.Error);
    }
}
