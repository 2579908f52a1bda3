using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary>A host keeps its data and devices through controller resets and restarts of the server.</summary>
public abstract class RecoveryTests(StockHost host) : EndToEndTest(host)
{
    private const string Patient = "--reconnect-delay=1 --ctrl-loss-tmo=60 --keep-alive-tmo=5";
    private static readonly TimeSpan LoadTimeLimit = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Resets_under_load_lose_nothing()
    {
        var target = await ServeAsync(CreateFile("data", 32));
        var connection = await ConnectAsync(target, Patient);
        AllowReconnectInKernelLog();
        AllowInKernelLog("resetting controller", "Abort");

        var load = Host.Start($"load {connection.Device}", LoadTimeLimit);
        for (var round = 0; round < 3; round++)
        {
            await WaitUntilItWritesAsync(load);
            await RunAsync($"nvme reset /dev/{connection.Controller}; wait_until 10 is_live {connection.Controller}");
        }

        await StopAsync(load);
        await RunAsync($"recheck {connection.Device}", 120);
    }

    [Theory]
    [InlineData("killed")]
    [InlineData("stopped")]
    public async Task A_mounted_file_system_survives_a_server_that_is_restarted_under_load(string how)
    {
        var target = await ServeAsync(CreateFile("data", 96));
        var connection = await ConnectAsync(target, Patient);
        AllowReconnectInKernelLog();
        await RunAsync($"mkfs.ext4 -q {connection.Device}; mkdir -p /mnt/disk; mount {connection.Device} /mnt/disk");

        // After a kill, the server's kernel resets the connections that the host still writes to, and Linux hosts then send SIGPIPE to the
        // process that submits I/O. A server that is stopped must close its connections so that this does not happen.
        var load = Host.Start(how == "killed" ? "trap '' PIPE; load /mnt/disk" : "load /mnt/disk", LoadTimeLimit);
        for (var round = 0; round < 2; round++)
        {
            await WaitUntilItWritesAsync(load);
            if (how == "killed")
            {
                await target.KillAsync();
            }
            else
            {
                Assert.Equal(0, await target.TerminateAsync());
            }

            await RunAsync($"wait_until 20 is_lost {connection.Controller}");
            await target.StartAsync();
            await RunAsync($"wait_until 30 is_live {connection.Controller}");
        }

        await StopAsync(load);
        await RunAsync($"umount /mnt/disk; e2fsck -fn {connection.Device}");

        // Reads the data over a new connection, so that it comes from the target and not from the guest's page cache.
        await DisconnectAsync(target);
        connection = await ConnectAsync(target);
        await RunAsync($"mount {connection.Device} /mnt/disk; recheck /mnt/disk; umount /mnt/disk; e2fsck -fn {connection.Device}", 120);
    }

    [Fact]
    public async Task A_namespace_has_the_same_names_after_a_restart_of_the_server()
    {
        var target = await ServeAsync(CreateFile("data", 16));
        var before = await NamesAsync(await ConnectAsync(target));
        await DisconnectAsync(target);
        await target.TerminateAsync();
        await target.StartAsync();
        var after = await NamesAsync(await ConnectAsync(target));

        Assert.Equal(before, after);
        Assert.Matches("uuid *: *[0-9a-f]{8}-", before);
    }

    private Task<string> NamesAsync(Connection connection) => RunAsync($"""
        nvme id-ctrl /dev/{connection.Controller} --output-format=json | jq -r '.sn, .mn, .subnqn'
        nvme id-ns {connection.Device} --output-format=json | jq -r '.nguid, .eui64'
        nvme ns-descs {connection.Device}
        cat /sys/block/{connection.Device[5..]}/wwid
        """);

    private async Task StopAsync(RunningCommand load)
    {
        await RunAsync("touch /tmp/stop");
        (await load.WaitAsync()).Succeeded();
    }

    // Field 5 of a block device's statistics is the number of completed writes. Before Linux 6.4 only the devices of the paths count them,
    // later those of the namespaces too, so the sum of both is used.
    private async Task WaitUntilItWritesAsync(RunningCommand load)
    {
        var waited = await Host.RunAsync("""
            writes() { awk '{ sum += $5 } END { print sum }' /sys/block/nvme*/stat; }
            before=$(writes)
            more() { (($(writes) > before + 40)); }
            wait_until 30 more
            """);
        Assert.False(load.IsCompleted, $"The load ended before its time:\n{load.Output}");
        if (waited.ExitCode != 0)
        {
            var state = await Host.RunAsync("standstill");
            Assert.Fail(
                $"The load does not write any more.\n{waited.Output}\n--- the load said\n{load.Output}\n--- the guest\n{state.Output}");
        }
    }
}

[Collection(typeof(Linux61Collection)), Trait("kernel", "6.1")]
public sealed class Recovery_of_Linux_6_1(Linux61 host) : RecoveryTests(host);

[Collection(typeof(Linux612Collection)), Trait("kernel", "6.12")]
public sealed class Recovery_of_Linux_6_12(Linux612 host) : RecoveryTests(host);

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class Recovery_of_Linux_7(Linux7 host) : RecoveryTests(host);
