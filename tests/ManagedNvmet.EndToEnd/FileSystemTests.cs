using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary>A file system on a namespace: make, mount, use, check.</summary>
public abstract class FileSystemTests(StockHost host) : EndToEndTest(host)
{
    [Fact]
    public async Task A_file_system_is_made_used_checked_and_found_again_after_a_reconnect_and_a_server_restart()
    {
        var target = await ServeAsync(CreateFile("data", 96));
        var connection = await ConnectAsync(target);
        await RunAsync($"mkfs.ext4 -q {connection.Device}; mkdir -p /mnt/disk; mount {connection.Device} /mnt/disk");
        await RunAsync("verify /mnt/disk/random --size=8m --bsrange=4k-32k", 120);
        await RunAsync("verify /mnt/disk/sequential --size=16m --rw=write --bs=256k", 120);
        var checksum = await RunAsync("""
            dd if=/dev/urandom of=/mnt/disk/kept bs=1M count=8 conv=fsync status=none
            rm /mnt/disk/sequential
            fstrim /mnt/disk
            sha256sum < /mnt/disk/kept
            """);
        await RunAsync($"umount /mnt/disk; e2fsck -fn {connection.Device}");

        await DisconnectAsync(target);
        connection = await ConnectAsync(target);
        Assert.Equal(checksum, await ReadBackAsync(connection));

        await DisconnectAsync(target);
        Assert.Equal(0, await target.TerminateAsync());
        await target.StartAsync();
        connection = await ConnectAsync(target);
        Assert.Equal(checksum, await ReadBackAsync(connection));
        await RunAsync($"e2fsck -fn {connection.Device}");
    }

    private Task<string> ReadBackAsync(Connection connection) => RunAsync($"""
        mount {connection.Device} /mnt/disk
        sha256sum < /mnt/disk/kept
        umount /mnt/disk
        """);
}

[Collection(typeof(Linux61Collection)), Trait("kernel", "6.1")]
public sealed class File_system_of_Linux_6_1(Linux61 host) : FileSystemTests(host);

[Collection(typeof(Linux612Collection)), Trait("kernel", "6.12")]
public sealed class File_system_of_Linux_6_12(Linux612 host) : FileSystemTests(host);

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class File_system_of_Linux_7(Linux7 host) : FileSystemTests(host);
