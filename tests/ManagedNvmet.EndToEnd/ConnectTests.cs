using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary> <c>nvme connect</c> with each option that affects the protocol.</summary>
public abstract class ConnectTests(StockHost host) : EndToEndTest(host)
{
    [Theory]
    [InlineData("")]
    [InlineData("--hdr-digest")]
    [InlineData("--data-digest")]
    [InlineData("--hdr-digest --data-digest")]
    [InlineData("--disable-sqflow")]
    [InlineData("--queue-size=16")]
    public async Task A_host_connects_and_reads_back_what_it_wrote(string options)
    {
        var target = await ServeAsync("mem:32M");
        var connection = await ConnectAsync(target, options);

        await RunAsync($"verify {connection.Device} --bsrange=4k-128k --size=8m");

        await DisconnectAsync(target);
    }

    [Fact]
    public async Task A_host_connects_over_IPv6()
    {
        var target = await ServeAsync("mem:32M");
        var connection = await ConnectAsync(target, address: StockHost.TargetAddress6);

        Assert.Contains($"traddr={StockHost.TargetAddress6}", await RunAsync($"cat /sys/class/nvme/{connection.Controller}/address"));
        await RunAsync($"verify {connection.Device} --bsrange=4k-128k --size=8m");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_host_gets_as_many_queues_as_it_asks_for(int queues)
    {
        var target = await ServeAsync("mem:32M");
        var connection = await ConnectAsync(target, $"--nr-io-queues={queues}");

        // The kernel's queue_count includes the admin queue.
        Assert.Equal($"{queues + 1}", await RunAsync($"cat /sys/class/nvme/{connection.Controller}/queue_count"));
        Assert.Equal(queues + 1, target.OpenConnections);
        await RunAsync($"verify {connection.Device} --numjobs=4 --size=4m --offset_increment=4m --group_reporting");
    }

    [Fact]
    public async Task Disconnecting_ends_the_association_at_once()
    {
        var target = await ServeAsync("mem:16M");
        await ConnectAsync(target);

        await DisconnectAsync(target);

        await WaitFor.TrueAsync(() => target.OpenConnections == 0, TimeSpan.FromSeconds(5), "the server closes every connection");
    }

    [Fact]
    public async Task A_subsystem_that_does_not_exist_is_refused_and_the_log_says_which()
    {
        var target = await ServeAsync("mem:16M");
        AllowInKernelLog("Connect Invalid Data Parameter", "Connect command failed", "failed to connect queue");

        var answer = await Host.RunAsync(
            $"nvme connect --transport=tcp --traddr={StockHost.TargetAddress} --trsvcid={target.Port} --nqn={target.Nqn}.elsewhere");

        answer.Failed();
        var line = await target.WaitForLogAsync($"{target.Nqn}.elsewhere", 0, TimeSpan.FromSeconds(5));
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Assert.Equal("", await RunAsync("ls /sys/class/nvme"));
    }
}

[Collection(typeof(Linux61Collection)), Trait("kernel", "6.1")]
public sealed class Connect_from_Linux_6_1(Linux61 host) : ConnectTests(host);

[Collection(typeof(Linux612Collection)), Trait("kernel", "6.12")]
public sealed class Connect_from_Linux_6_12(Linux612 host) : ConnectTests(host);

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class Connect_from_Linux_7(Linux7 host) : ConnectTests(host);

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class Connect_over_pipelines_from_Linux_7(Linux7 host) : ConnectTests(host)
{
    protected override string[] ServerOptions => ["--transport", "pipelines"];
}
