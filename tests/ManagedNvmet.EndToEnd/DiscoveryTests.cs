using System.Globalization;
using System.Text.Json;
using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary><c>nvme discover</c>.</summary>
public abstract class DiscoveryTests(StockHost host) : EndToEndTest(host)
{
    // QEMU forwards the guest's connections to this machine's loopback addresses, so the server sees those addresses.
    [Theory]
    [InlineData(StockHost.TargetAddress, "ipv4", "127.0.0.1")]
    [InlineData(StockHost.TargetAddress6, "ipv6", "::1")]
    public async Task Discovery_shows_the_subsystem_at_the_address_that_was_reached(string address, string family, string reached)
    {
        var target = await ServeAsync("mem:16M");

        var log = await DiscoverAsync(target, address);

        // The log may also contain the other listener, but never a wildcard address.
        Assert.DoesNotContain(log.EnumerateArray(), entry => entry.GetProperty("traddr").GetString() is "0.0.0.0" or "::");
        var record = Find(log, target, family);
        Assert.Equal("tcp", record.GetProperty("trtype").GetString());
        Assert.Equal(reached, record.GetProperty("traddr").GetString());
        Assert.Equal(target.Port.ToString(CultureInfo.InvariantCulture), record.GetProperty("trsvcid").GetString());
        Assert.Equal("nvme subsystem", record.GetProperty("subtype").GetString());
    }

    [Fact]
    public async Task Discovery_leaves_no_connection_behind_and_can_be_repeated()
    {
        var target = await ServeAsync("mem:16M");
        for (var round = 0; round < 3; round++)
        {
            Find(await DiscoverAsync(target, StockHost.TargetAddress), target, "ipv4");
        }

        Assert.Equal("", await RunAsync("ls /sys/class/nvme"));
        await WaitFor.TrueAsync(() => target.OpenConnections == 0, TimeSpan.FromSeconds(10), "the server closes the discovery connections");
    }

    [Fact]
    public async Task A_persistent_discovery_controller_stays_connected_beside_an_ordinary_one()
    {
        var target = await ServeAsync("mem:16M");
        var where = $"--transport=tcp --traddr={StockHost.TargetAddress} --trsvcid={target.Port}";
        await RunAsync($"nvme discover {where} --persistent --keep-alive-tmo=3 > /dev/null");
        await ConnectAsync(target);
        await RunAsync("sleep 7");

        Assert.Equal("live\nlive", await RunAsync("cat /sys/class/nvme/*/state"));
    }

    private static JsonElement Find(JsonElement log, TargetProcess target, string family) => Assert.Single(
        log.EnumerateArray(),
        entry => entry.GetProperty("subnqn").GetString() == target.Nqn && entry.GetProperty("adrfam").GetString() == family);

    private async Task<JsonElement> DiscoverAsync(TargetProcess target, string address) =>
        (await Host.RunAsync($"nvme discover --transport=tcp --traddr={address} --trsvcid={target.Port} --output-format=json"))
        .Json().GetProperty("records");
}

[Collection(typeof(Linux61Collection)), Trait("kernel", "6.1")]
public sealed class Discovery_by_Linux_6_1(Linux61 host) : DiscoveryTests(host);

[Collection(typeof(Linux612Collection)), Trait("kernel", "6.12")]
public sealed class Discovery_by_Linux_6_12(Linux612 host) : DiscoveryTests(host);

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class Discovery_by_Linux_7(Linux7 host) : DiscoveryTests(host);
