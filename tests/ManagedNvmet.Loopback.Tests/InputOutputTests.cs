using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Loop;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

public class InputOutputTests : LoopbackTest
{
    private const int BlockSize = 512;

    public static TheoryData<bool, bool, bool, int> Ways()
    {
        var ways = new TheoryData<bool, bool, bool, int>();
        foreach (bool headerDigest in (bool[])[false, true])
        {
            foreach (bool dataDigest in (bool[])[false, true])
            {
                foreach (bool disableFlowControl in (bool[])[false, true])
                {
                    foreach (int alignment in (int[])[0, 31])
                        ways.Add(headerDigest, dataDigest, disableFlowControl, alignment);
                }
            }
        }
        return ways;
    }

    [Theory]
    [InlineData("mem:64M", DiskEngine.Auto)]
    [InlineData("{folder}/disk.img,create=64M", DiskEngine.Uring)]
    [InlineData("{folder}/disk.img,create=64M", DiskEngine.Workers)]
    public async Task What_was_written_is_read_back_in_every_size(string disk, DiskEngine engine)
    {
        await using TestServer server = await StartServerAsync(disk, options => options.Shard = new ShardOptions { Disk = engine });
        await using InitiatorController host = await server.ConnectAsync();

        // Sizes: in the capsule, exactly its limit, one block more, and up to the largest transfer.
        foreach (int bytes in (int[])[512, 4096, 16384, 16896, 65536, 131072, 1048576])
            await WriteAndReadBackAsync(host, 0, firstBlock: (ulong)bytes / BlockSize, bytes, seed: bytes);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_way_to_connect_carries_data_unharmed(
        bool headerDigest,
        bool dataDigest,
        bool disableFlowControl,
        int alignment)
    {
        await using TestServer server = await StartServerAsync("mem:16M");
        await using InitiatorController host = await server.ConnectAsync(options => options with
        {
            HeaderDigest = headerDigest,
            DataDigest = dataDigest,
            DisableFlowControl = disableFlowControl,
            DataAlignment = (byte)alignment,
        });

        await WriteAndReadBackAsync(host, 0, 0, 4096, seed: 1);
        await WriteAndReadBackAsync(host, 0, 100, 256 * 1024, seed: 2);
    }

    private static async Task WriteAndReadBackAsync(InitiatorController host, int queue, ulong firstBlock, int bytes, int seed)
    {
        Memory<byte> written = InitiatorController.AllocatePinned(bytes);
        new Random(seed).NextBytes(written.Span);
        (await host.WriteAsync(queue, 1, firstBlock, bytes / BlockSize, written)).Require("Write");
        Memory<byte> read = InitiatorController.AllocatePinned(bytes);
        (await host.ReadAsync(queue, 1, firstBlock, bytes / BlockSize, read)).Require("Read");

        Assert.True(written.Span.SequenceEqual(read.Span));
    }
}
