using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary>Idle hosts, which send Keep Alive commands, and silent hosts, which do not.</summary>
public abstract class KeepAliveTests(StockHost host) : EndToEndTest(host)
{
    private const int KeepAliveSeconds = 4;
    private const string Expiry = "sent no command for [0-9]+ ms";

    // Maximum time from the last command to the expiry: twice the timeout and some seconds, because an emulated machine is slow.
    private static readonly TimeSpan ExpiryTimeLimit = TimeSpan.FromSeconds((2 * KeepAliveSeconds) + 5);

    private static string Options => $"--keep-alive-tmo={KeepAliveSeconds} --reconnect-delay=1 --ctrl-loss-tmo=60";

    [Fact]
    public async Task An_idle_host_stays_connected()
    {
        var target = await ServeAsync("mem:16M");
        var connection = await ConnectAsync(target, Options);
        var association = $"cat /sys/class/nvme/{connection.Controller}/{{state,cntlid}}";
        var before = await RunAsync(association);
        var connections = target.OpenConnections;

        await RunAsync($"sleep {(2 * KeepAliveSeconds) + 2}");

        Assert.Equal(before, await RunAsync(association));
        Assert.Equal(connections, target.OpenConnections);
        Assert.DoesNotMatch(Expiry, target.Log);
    }

    [Fact]
    public async Task A_host_behind_a_broken_network_is_expired_and_finds_its_data_again_when_the_network_is_back()
    {
        var target = await ServeAsync(CreateFile("data", 16));
        var connection = await ConnectAsync(target, Options);
        var checksum = await WriteAsync(connection);
        var before = await RunAsync($"controller_id {connection.Controller}");
        AllowReconnectInKernelLog();
        var mark = target.LogMark;

        await RunAsync("ip link set eth0 down");
        await target.WaitForLogAsync(Expiry, mark, ExpiryTimeLimit);
        await WaitFor.TrueAsync(() => target.OpenConnections == 0, TimeSpan.FromSeconds(5), "the server closes every connection");

        await RunAsync($"""
            . $SHARE/guest/network
            wait_until 60 is_live_anew {connection.Controller} {before}
            """, 90);
        Assert.Equal(checksum, await ReadAsync(connection));
    }

    [Fact]
    public async Task A_host_that_is_frozen_is_expired_and_finds_its_data_again_when_it_thaws()
    {
        var target = await ServeAsync(CreateFile("data", 16));
        var connection = await ConnectAsync(target, Options);
        var checksum = await WriteAsync(connection);
        var before = await RunAsync($"controller_id {connection.Controller}");
        AllowReconnectInKernelLog();
        AllowInKernelLog("clocksource|[Ww]atchdog|rcu|soft lockup|hrtimer|workqueue|sched");
        var mark = target.LogMark;

        Host.Freeze();
        try
        {
            await target.WaitForLogAsync(Expiry, mark, ExpiryTimeLimit);
            await WaitFor.TrueAsync(() => target.OpenConnections == 0, TimeSpan.FromSeconds(5), "the server closes every connection");
        }
        finally
        {
            Host.Thaw();
        }

        await RunAsync($"""
            wait_until 60 is_live_anew {connection.Controller} {before}
            """, 90);
        Assert.Equal(checksum, await ReadAsync(connection));
    }

    private Task<string> WriteAsync(Connection connection) => RunAsync($"""
        dd if=/dev/urandom of=/tmp/content bs=1M count=1 status=none
        dd if=/tmp/content of={connection.Device} bs=64k oflag=direct status=none
        sha256sum < /tmp/content
        """);

    private Task<string> ReadAsync(Connection connection) =>
        RunAsync($"dd if={connection.Device} bs=64k count=16 iflag=direct status=none | sha256sum");
}

[Collection(typeof(Linux61Collection)), Trait("kernel", "6.1")]
public sealed class Keep_alive_of_Linux_6_1(Linux61 host) : KeepAliveTests(host);

[Collection(typeof(Linux612Collection)), Trait("kernel", "6.12")]
public sealed class Keep_alive_of_Linux_6_12(Linux612 host) : KeepAliveTests(host);

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class Keep_alive_of_Linux_7(Linux7 host) : KeepAliveTests(host);
