using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary>Effects on a connected host with I/O when an operator changes the configuration with the command line.</summary>
public abstract class LiveChangeTests(StockHost host) : EndToEndTest(host)
{
    private const string HostA = LiveConfiguration.HostA;
    private const string HostB = LiveConfiguration.HostB;

    /// <summary>True when a host that gets a permanent refusal stops reconnecting. Linux does so since 6.10; earlier versions retry until
    /// ctrl_loss_tmo.</summary>
    protected abstract bool GivesUpWhenRefusedForGood { get; }

    [Fact]
    public async Task Namespaces_come_grow_and_go_beside_a_load_that_notices_nothing()
    {
        var target = await ServeAsync(port => LiveConfiguration.Of(port, CreateFile("first", 32)));
        var connection = await ConnectAsync(target, LiveConfiguration.As(HostA), address: StockHost.SharedAddress);
        var load = Host.Start($"load {connection.Device}", TimeSpan.FromSeconds(120));

        await target.ManageAsync("namespace", "add", target.Nqn, CreateFile("second", 16));
        var added = (await RunAsync($"wait_until 10 has_namespaces {target.Nqn} 2; namespaces {target.Nqn}")).Split('\n')[1];
        await RunAsync($"has_bytes {added} {16 << 20}; verify {added} --size=2m");

        using (var grow = Process.Start("truncate", ["--size=24M", PathOf("second")]))
        {
            await grow.WaitForExitAsync();
        }

        await RunAsync($"""
            wait_until 15 has_bytes {added} {24 << 20}
            verify {added} --size=2m --offset=22m
            """);

        await target.ManageAsync("namespace", "remove", target.Nqn, "2");
        await RunAsync($"wait_until 10 has_namespaces {target.Nqn} 1; [ ! -e {added} ]");

        Assert.False(load.IsCompleted, $"The load ended before its time:\n{load.Output}");
        await RunAsync("touch /tmp/stop");
        (await load.WaitAsync()).Succeeded();
        await RunAsync($"recheck {connection.Device}");
        Assert.Single(JsonOf(await target.ManageAsync("sessions", "--json")).EnumerateArray());
    }

    [Fact]
    public async Task A_host_sees_and_writes_what_it_may_and_hears_when_that_changes()
    {
        var target = await ServeAsync(port => LiveConfiguration.Of(port, "mem:16M", "mem:24M"));
        await target.ManageAsync("namespace", "set", target.Nqn, "2", $"visible_to+={HostB}");
        var connection = await ConnectAsync(target, LiveConfiguration.As(HostA), address: StockHost.SharedAddress);
        Assert.Equal($"{16 << 20}", await RunAsync($"blockdev --getsize64 {connection.Device}"));

        await target.ManageAsync("namespace", "set", target.Nqn, "2", $"visible_to+={HostA}");
        var second = (await RunAsync($"wait_until 10 has_namespaces {target.Nqn} 2; namespaces {target.Nqn}")).Split('\n')[1];
        await RunAsync($"has_bytes {second} {24 << 20}; verify {second} --size=1m");

        await target.ManageAsync("namespace", "set", target.Nqn, "2", $"visible_to-={HostA}");
        await RunAsync($"wait_until 10 has_namespaces {target.Nqn} 1; [ ! -e {second} ]");

        AllowInKernelLog("Write Protected|protected|I/O Cmd|sct 0x|I/O error|critical target error|Write\\(|Write @");
        await target.ManageAsync("namespace", "set", target.Nqn, "1", $"read_only_for+={HostA}");
        await RunAsync(
            $"wait_until 10 is_read_only {connection.Device}; dd if={connection.Device} of=/dev/null bs=64k count=1 iflag=direct");
        (await Host.RunAsync($"dd if=/dev/zero of={connection.Device} bs=4096 count=1 oflag=direct")).Failed();

        // Uses a passthrough command, which the kernel does not check itself.
        (await Host.RunAsync($"""
            head -c 4096 /dev/zero | nvme write {connection.Device} --start-block=0 --block-count=0 --data-size=4096
            """)).Failed();
        await target.ManageAsync("namespace", "set", target.Nqn, "1", "read_only_for=");
        await RunAsync($"wait_until 10 is_writable {connection.Device}; verify {connection.Device} --size=1m");

        await DisconnectAsync(target);
        connection = await ConnectAsync(target, LiveConfiguration.As(HostB), namespaces: 2, address: StockHost.SharedAddress);
        Assert.Equal($"{24 << 20}", await RunAsync($"blockdev --getsize64 {connection.Devices[1]}"));
    }

    [Fact]
    public async Task A_host_that_is_removed_loses_its_session_and_is_refused_without_a_storm()
    {
        var target = await ServeAsync(port => LiveConfiguration.Of(port, "mem:16M"));
        var options = LiveConfiguration.As(HostA) + " --reconnect-delay=2 --ctrl-loss-tmo=60";
        var connection = await ConnectAsync(target, options, address: StockHost.SharedAddress);
        AllowReconnectInKernelLog();
        AllowInKernelLog(
            "Removing ctrl",
            "Removing controller",
            "is not allowed, hostnqn",
            "Connect .*(Invalid|refused|DNR)",
            "Buffer I/O error|I/O error");
        var clock = Stopwatch.StartNew();

        await target.ManageAsync("host", "remove", HostA);

        await RunAsync($"wait_until 10 is_lost {connection.Controller}");
        Assert.Empty(JsonOf(await target.ManageAsync("sessions", "--json")).EnumerateArray());
        if (GivesUpWhenRefusedForGood)
        {
            await RunAsync($"wait_until 20 has_controllers {target.Nqn} 0");
        }
        else
        {
            await RunAsync("sleep 5");
        }

        var refusals = JsonOf(await target.ManageAsync("refused", "--json")).GetProperty("last").EnumerateArray()
            .Where(refusal => refusal.GetProperty("hostNqn").GetString() == HostA).ToArray();
        var most = GivesUpWhenRefusedForGood ? 1 : 1 + ((int)clock.Elapsed.TotalSeconds / 2);
        TestContext.Current.TestOutputHelper?.WriteLine($"{refusals.Length} refusals in {clock.Elapsed.TotalSeconds:F1} s: {refusals[0]}");
        Assert.InRange(refusals.Length, 1, most);
        Assert.Contains("allowed_hosts", refusals[0].ToString(), StringComparison.Ordinal);

        // A host that still retries reconnects by itself once it is allowed. The other one must connect again.
        await target.ManageAsync("host", "add", HostA, "--subsystem", target.Nqn);
        if (GivesUpWhenRefusedForGood)
        {
            connection = await ConnectAsync(target, options, address: StockHost.SharedAddress);
        }
        else
        {
            await RunAsync($"wait_until 20 is_live {connection.Controller}");
        }

        await RunAsync($"verify {connection.Device} --size=1m");
    }

    [Fact]
    public async Task A_discovery_controller_hears_of_subsystems_and_ports_and_connect_all_connects_them()
    {
        var target = await ServeAsync(port => LiveConfiguration.Of(port, "mem:16M"));
        var another = target.Nqn + ".another";
        var where = $"--transport=tcp --traddr={StockHost.SharedAddress} --trsvcid={target.Port} {LiveConfiguration.As(HostA)}";
        AllowReconnectInKernelLog();
        AllowInKernelLog("Removing ctrl", "Connect .*(Invalid|DNR)", "Removing controller", "Buffer I/O error|I/O error");
        await RunAsync($"watch_events; nvme discover {where} --persistent > /dev/null");
        Assert.Equal([$"{target.Nqn} {StockHost.SharedAddress}"], await DiscoverAsync(where));
        await RunAsync($"nvme connect-all {where} --reconnect-delay=1; wait_until 20 has_namespaces {target.Nqn} 1");

        // The host must hear of this subsystem only. It may not use the other one, which does not allow it.
        await target.ManageAsync("subsystem", "add", another);
        await target.ManageAsync("namespace", "add", another, "mem:8M");
        await RunAsync("sleep 1; ! has_events 1");
        await target.ManageAsync("subsystem", "set", another, $"allowed_hosts+={HostA}");
        await RunAsync("wait_until 10 has_events 1");
        Assert.Equal(
            [$"{target.Nqn} {StockHost.SharedAddress}", $"{another} {StockHost.SharedAddress}"], await DiscoverAsync(where));
        await RunAsync($"nvme connect-all {where} --reconnect-delay=1; wait_until 20 has_namespaces {another} 1; has_live {target.Nqn} 1");

        // The second port is a second path to the same namespace.
        await target.ManageAsync(
            "port", "add", $"{StockHost.SecondSharedAddress}:{target.Port}", "--id", "2", "--subsystem", target.Nqn);
        await RunAsync("wait_until 10 has_events 2");
        Assert.Equal(
            [
                $"{target.Nqn} {StockHost.SharedAddress}", $"{target.Nqn} {StockHost.SecondSharedAddress}",
                $"{another} {StockHost.SharedAddress}",
            ],
            await DiscoverAsync(where));
        await RunAsync(
            $"nvme connect-all {where} --reconnect-delay=1; wait_until 20 has_live {target.Nqn} 2; has_namespaces {target.Nqn} 1");

        // Both changes give one event, because the host does not read the log page between them. The remaining path stays in use.
        var device = await RunAsync($"namespaces {target.Nqn}");
        await target.ManageAsync("port", "remove", "2");
        await target.ManageAsync("subsystem", "remove", another);
        await RunAsync($"""
            wait_until 10 has_events 3
            wait_until 10 has_live {target.Nqn} 1
            wait_until 10 has_live {another} 0
            verify {device} --size=2m
            """);
        Assert.Equal([$"{target.Nqn} {StockHost.SharedAddress}"], await DiscoverAsync(where));
        await RunAsync("kill $(< /tmp/events.pid)");
    }

    private static JsonElement JsonOf(string text) => JsonDocument.Parse(text).RootElement;

    // Returns NQN and address of each subsystem in the discovery log, sorted.
    private async Task<string[]> DiscoverAsync(string where) =>
        [
            .. (await Host.RunAsync($"nvme discover {where} --output-format=json")).Json().GetProperty("records").EnumerateArray()
                .Where(entry => entry.GetProperty("subtype").GetString() == "nvme subsystem")
                .Select(
                    entry => string.Create(CultureInfo.InvariantCulture, $"{entry.GetProperty("subnqn")} {entry.GetProperty("traddr")}"))
                .Order(StringComparer.Ordinal),
        ];
}

[Collection(typeof(Linux61Collection)), Trait("kernel", "6.1")]
public sealed class Live_changes_seen_by_Linux_6_1(Linux61 host) : LiveChangeTests(host)
{
    /// <inheritdoc/>
    protected override bool GivesUpWhenRefusedForGood => false;
}

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class Live_changes_seen_by_Linux_7(Linux7 host) : LiveChangeTests(host)
{
    /// <inheritdoc/>
    protected override bool GivesUpWhenRefusedForGood => true;
}
