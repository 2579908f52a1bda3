using ManagedNvmet.Initiator;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

public class FailureTests : LoopbackTest
{
    private const int BlockSize = 512;

    [Fact]
    public async Task A_block_that_cannot_be_read_fails_its_own_command_and_no_other()
    {
        await using TestServer server = await StartWithAsync(new FailingDevice(request =>
            request.FirstBlock == 3 ? NvmeStatus.UnrecoveredReadError : NvmeStatus.Success));
        await using InitiatorController host = await server.ConnectAsync();
        Memory<byte> data = InitiatorController.AllocatePinned(BlockSize);

        CommandResult[] results = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(block => host.ReadAsync(0, 2, (ulong)block, 1, InitiatorController.AllocatePinned(BlockSize)).AsTask()));

        Assert.True(results[3].Status.IsSameCode(NvmeStatus.UnrecoveredReadError));
        Assert.All(results.Where((_, block) => block != 3), result => Assert.True(result.Status.IsSuccess));
        (await host.ReadAsync(0, 2, 4, 1, data)).Require("Read after the failure");
    }

    [Fact]
    public async Task A_device_that_throws_costs_one_command()
    {
        await using TestServer server = await StartWithAsync(new FailingDevice(request =>
            request.FirstBlock == 3 ? throw new InvalidOperationException("made to fail") : NvmeStatus.Success));
        await using InitiatorController host = await server.ConnectAsync();
        Memory<byte> data = InitiatorController.AllocatePinned(BlockSize);

        CommandResult failed = await host.ReadAsync(0, 2, 3, 1, data);

        Assert.True(failed.Status.IsSameCode(NvmeStatus.InternalError));
        (await host.ReadAsync(0, 2, 4, 1, data)).Require("Read after the failure");
    }

    [Fact]
    public async Task A_device_may_complete_from_any_thread()
    {
        await using TestServer server = await StartWithAsync(new ElsewhereDevice());
        await using InitiatorController host = await server.ConnectAsync();

        CommandResult[] results = await Task.WhenAll(Enumerable.Range(0, 500)
            .Select(index => host.ReadAsync(0, 2, (ulong)(index % 8), 1, InitiatorController.AllocatePinned(BlockSize)).AsTask()));

        Assert.All(results, result => Assert.True(result.Status.IsSuccess));
    }

    [Fact]
    public async Task Scarce_buffers_make_commands_wait_and_lose_none()
    {
        // The buffers hold two transfers of 1 MiB. Sixteen such transfers compete for them, among many small ones with in-capsule data.
        await using TestServer server = await StartServerAsync("mem:64M", options =>
        {
            options.ShardCount = 1;
            options.Shard = new Io.Loop.ShardOptions { BufferBytes = 2 * 1024 * 1024 };
        });
        await using InitiatorController host = await server.ConnectAsync();
        var large = Enumerable.Range(0, 16).Select(index => host.WriteAsync(
            0, 1, (ulong)index * 2048, 2048, InitiatorController.AllocatePinned(1024 * 1024)).AsTask());
        var small = Enumerable.Range(0, 200).Select(index => host.WriteAsync(
            0, 1, (ulong)(40_000 + (index * 8)), 8, InitiatorController.AllocatePinned(4096)).AsTask());

        CommandResult[] results = await Task.WhenAll(large.Concat(small));

        Assert.All(results, result => Assert.True(result.Status.IsSuccess));
        Assert.Equal(0, server.Server.Shards[0].Shard.Buffers.RentedCount);
    }

    private Task<TestServer> StartWithAsync(BlockDevice device) =>
        StartServerAsync("mem:1M", options => options.Namespaces.Add(new NamespaceOptions { Device = device }));

    private sealed class FailingDevice(Func<BlockRequest, NvmeStatus> judge) : BlockDevice
    {
        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = BlockSize, BlockCount = 8 };

        public override void Submit(BlockRequest request) => request.Complete(judge(request));
    }

    private sealed class ElsewhereDevice : BlockDevice
    {
        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = BlockSize, BlockCount = 8 };

        public override void Submit(BlockRequest request) =>
            ThreadPool.UnsafeQueueUserWorkItem(static lent => lent.Complete(NvmeStatus.Success), request, preferLocal: false);
    }
}
