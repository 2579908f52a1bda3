using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Wire;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>Admin commands never wait for I/O commands, even on the same shard and when all I/O buffers are in use.</summary>
public class AdminTests : LoopbackTest
{
    private const int BlockSize = 4096;
    private const int Blocks = 32;
    private const int TransferBytes = Blocks * BlockSize;
    private const int ArenaBytes = 1024 * 1024;
    private const int Depth = 64;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keep_Alive_and_other_admin_commands_are_answered_while_no_IO_is(bool isRead)
    {
        var device = new HoldingDevice();
        await using TestServer server = await StartServerAsync("mem:1M", options =>
        {
            options.ShardCount = 1;
            options.Shard = new ShardOptions { BufferBytes = ArenaBytes };
            options.Namespaces.Add(new NamespaceOptions { Device = device });
        });
        await using InitiatorController host = await server.ConnectAsync(
            options => options with { IoQueues = 2, QueueEntries = Depth + 1 });
        Task<CommandResult>[] pending =
        [
            .. Enumerable.Range(0, 2 * Depth).Select(index => isRead
                ? host.ReadAsync(index % 2, 2, 0, Blocks, InitiatorController.AllocatePinned(TransferBytes)).AsTask()
                : host.WriteAsync(index % 2, 2, 0, Blocks, InitiatorController.AllocatePinned(TransferBytes)).AsTask()),
        ];
        await device.HasAsync(ArenaBytes / TransferBytes);

        for (int round = 0; round < 20; round++)
        {
            (await host.Admin.SubmitAsync(new SubmissionEntry { Opcode = 0x18 })).Require("Keep Alive");
            await host.IdentifyAsync(0x01);
            await host.GetLogPageAsync(0x02, 512);
        }
        Assert.All(pending, command => Assert.False(command.IsCompleted));

        device.Release();
        foreach (Task<CommandResult> command in pending)
            (await command).Require("I/O");
    }

    private sealed class HoldingDevice : BlockDevice
    {
        private readonly Lock _gate = new();
        private readonly List<BlockRequest> _held = [];
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _wanted = int.MaxValue;
        private bool _isReleased;

        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = BlockSize, BlockCount = 1024 };

        public override void Submit(BlockRequest request)
        {
            lock (_gate)
            {
                if (!_isReleased)
                {
                    _held.Add(request);
                    if (_held.Count >= _wanted)
                        _reached.TrySetResult();
                    return;
                }
            }
            request.Complete(NvmeStatus.Success);
        }

        /// <summary>Completes when the device holds this many requests.</summary>
        public Task HasAsync(int count)
        {
            lock (_gate)
            {
                _wanted = count;
                if (_held.Count >= count)
                    _reached.TrySetResult();
            }
            return _reached.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }

        public void Release()
        {
            BlockRequest[] requests;
            lock (_gate)
            {
                _isReleased = true;
                requests = [.. _held];
            }
            foreach (BlockRequest request in requests)
                request.Complete(NvmeStatus.Success);
        }
    }
}
