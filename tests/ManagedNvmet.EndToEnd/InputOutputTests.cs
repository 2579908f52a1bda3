using System.Globalization;
using System.Security.Cryptography;
using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary>Reads, writes, deallocations and similar operations on the block device.</summary>
public abstract class InputOutputTests(StockHost host) : EndToEndTest(host)
{
    [Theory]
    [InlineData("--rw=randwrite --bsrange=4k-64k")]
    [InlineData("--rw=write --bs=128k")]
    [InlineData("--rw=randrw --bs=4k --rwmixread=30")]
    public async Task What_was_written_to_a_file_backed_namespace_is_read_back(string pattern)
    {
        var target = await ServeAsync(CreateFile("data", 32));
        var connection = await ConnectAsync(target);

        await RunAsync($"verify {connection.Device} --size=16m {pattern}", 120);
    }

    [Fact]
    public async Task A_transfer_larger_than_the_controller_allows_is_split_by_the_host()
    {
        var target = await ServeAsync("mem:32M");
        var connection = await ConnectAsync(target);
        var identify = (await Host.RunAsync($"nvme id-ctrl /dev/{connection.Controller} --output-format=json")).Json();
        var limit = identify.GetProperty("mdts").GetInt32();
        var queue = $"/sys/block/{connection.Device[5..]}/queue";
        var largest = int.Parse(await RunAsync($"cat {queue}/max_hw_sectors_kb"), CultureInfo.InvariantCulture);

        // MDTS is the binary logarithm of the limit in memory pages of 4 KiB; 0 means no limit.
        Assert.True(limit == 0 || largest <= 4 << limit, $"The host would send {largest} KiB, MDTS is {limit}.");
        await RunAsync($"echo {largest} > {queue}/max_sectors_kb");
        await RunAsync($"verify {connection.Device} --bs=8m --size=16m --iodepth=2", 120);
    }

    [Fact]
    public async Task Discarded_blocks_read_as_zeros()
    {
        var target = await ServeAsync(CreateFile("data", 32));
        var connection = await ConnectAsync(target);
        await RunAsync($"dd if=/dev/urandom of={connection.Device} bs=1M count=8 oflag=direct status=none");

        await RunAsync($"blkdiscard --offset=1M --length=4M {connection.Device}");

        await RunAsync($"""
            dd if={connection.Device} bs=1M skip=1 count=4 iflag=direct status=none | cmp -n 4194304 - /dev/zero
            for outside in 0 5; do
              ! dd if={connection.Device} bs=1M skip=$outside count=1 iflag=direct status=none | cmp -s -n 1048576 - /dev/zero
            done
            """);
    }

    [Fact]
    public async Task Write_zeroes_zeroes_its_blocks_and_no_others()
    {
        var target = await ServeAsync("mem:16M,block-size=512");
        var connection = await ConnectAsync(target);
        await RunAsync($"""
            dd if=/dev/urandom of=/tmp/before bs=64k count=1 status=none
            dd if=/tmp/before of={connection.Device} bs=64k oflag=direct status=none
            """);

        await RunAsync($"nvme write-zeroes {connection.Device} --start-block=10 --block-count=20");

        await RunAsync($"""
            dd if=/dev/zero of=/tmp/before bs=512 seek=10 count=21 conv=notrunc status=none
            dd if={connection.Device} bs=64k count=1 iflag=direct status=none | cmp - /tmp/before
            """);
    }

    [Fact]
    public async Task Flush_succeeds()
    {
        var target = await ServeAsync(CreateFile("data", 16));
        var connection = await ConnectAsync(target);

        await RunAsync($"""
            dd if=/dev/urandom of={connection.Device} bs=64k count=4 oflag=direct conv=fsync status=none
            nvme flush {connection.Device}
            """);
    }

    [Fact]
    public async Task A_namespace_with_blocks_of_4096_bytes_is_used_as_such()
    {
        var target = await ServeAsync("mem:32M,block-size=4096");
        var connection = await ConnectAsync(target);

        Assert.Equal("4096", await RunAsync($"blockdev --getss {connection.Device}"));
        Assert.Equal($"{32 << 20}", await RunAsync($"blockdev --getsize64 {connection.Device}"));
        await RunAsync($"verify {connection.Device} --bsrange=4k-64k --size=8m");
    }

    [Fact]
    public async Task A_read_only_namespace_is_read_and_refuses_to_be_written()
    {
        var content = RandomNumberGenerator.GetBytes(4 << 20);
        await File.WriteAllBytesAsync(PathOf("data"), content, TestContext.Current.CancellationToken);
        AllowInKernelLog("Write Protected|protected|I/O Cmd|sct 0x|I/O error|critical target error|Write\\(");
        var target = await ServeAsync(PathOf("data") + ",ro");
        var connection = await ConnectAsync(target);

        Assert.Equal("1", await RunAsync($"blockdev --getro {connection.Device}"));
        Assert.StartsWith(
            Convert.ToHexStringLower(SHA256.HashData(content)), await RunAsync($"sha256sum {connection.Device}"), StringComparison.Ordinal);
        (await Host.RunAsync($"dd if=/dev/zero of={connection.Device} bs=4096 count=1 oflag=direct")).Failed();

        // Uses a passthrough command, which the kernel does not check itself.
        var write = await Host.RunAsync(
            $"head -c 4096 /dev/zero | nvme write {connection.Device} --start-block=0 --block-count=0 --data-size=4096");
        TestContext.Current.TestOutputHelper?.WriteLine(write.Failed());
        Assert.Equal(content, await File.ReadAllBytesAsync(PathOf("data"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_namespaces_keep_their_sizes_and_their_data_apart()
    {
        var target = await ServeAsync("mem:16M", CreateFile("data", 24));
        var connection = await ConnectAsync(target, namespaces: 2);
        var (first, second) = (connection.Devices[0], connection.Devices[1]);

        Assert.Equal($"{16 << 20}\n{24 << 20}", await RunAsync($"blockdev --getsize64 {first}; blockdev --getsize64 {second}"));
        await RunAsync($"""
            dd if=/dev/urandom of=/tmp/first bs=1M count=2 status=none
            dd if=/dev/urandom of=/tmp/second bs=1M count=2 status=none
            dd if=/tmp/first of={first} bs=256k oflag=direct status=none &
            dd if=/tmp/second of={second} bs=256k oflag=direct status=none
            wait $!
            dd if={first} bs=1M count=2 iflag=direct status=none | cmp - /tmp/first
            dd if={second} bs=1M count=2 iflag=direct status=none | cmp - /tmp/second
            """);
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_created_in_the_size_that_was_asked_for()
    {
        var target = await ServeAsync([PathOf("new")], ["--create", "24M"]);
        var connection = await ConnectAsync(target);

        Assert.Equal($"{24 << 20}", await RunAsync($"blockdev --getsize64 {connection.Device}"));
        Assert.Equal(24 << 20, new FileInfo(PathOf("new")).Length);
    }
}

[Collection(typeof(Linux61Collection)), Trait("kernel", "6.1")]
public sealed class Input_and_output_by_Linux_6_1(Linux61 host) : InputOutputTests(host);

[Collection(typeof(Linux612Collection)), Trait("kernel", "6.12")]
public sealed class Input_and_output_by_Linux_6_12(Linux612 host) : InputOutputTests(host);

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class Input_and_output_by_Linux_7(Linux7 host) : InputOutputTests(host);
