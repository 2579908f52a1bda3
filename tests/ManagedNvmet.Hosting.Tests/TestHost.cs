using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ManagedNvmet.Hosting.Tests;

/// <summary>A host with a shard of its own.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private const int BlockSize = 512;

    private readonly Shard _shard = new(new ShardOptions { Index = 99, Disk = DiskEngine.Workers }, NullLogger.Instance);
    private readonly ShardContext _context;

    public TestHost()
    {
        _shard.Start();
        _context = new ShardContext(_shard);
    }

    public Task<InitiatorController> ConnectAsync(IPEndPoint endPoint, Nqn subsystem) => InitiatorController.ConnectAsync(
        new InitiatorOptions { EndPoint = endPoint, SubsystemNqn = subsystem, Shards = [_context] });

    /// <summary>Connects to a program that may not listen yet.</summary>
    public async Task<InitiatorController> ConnectWhenItListensAsync(IPEndPoint endPoint, Nqn subsystem)
    {
        long end = Environment.TickCount64 + 60_000;
        while (true)
        {
            try
            {
                return await ConnectAsync(endPoint, subsystem);
            }
            catch (Exception exception) when (
                exception is IOException or SocketException or InitiatorException && Environment.TickCount64 < end)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Writes to the first blocks, in a capsule and in a transfer of its own, and reads them back.</summary>
    public static async Task WriteAndReadBackAsync(InitiatorController controller)
    {
        foreach (int bytes in (int[])[4096, 256 * 1024])
        {
            Memory<byte> written = InitiatorController.AllocatePinned(bytes);
            new Random(bytes).NextBytes(written.Span);
            (await controller.WriteAsync(0, 1, 0, bytes / BlockSize, written)).Require("Write");
            Memory<byte> read = InitiatorController.AllocatePinned(bytes);
            (await controller.ReadAsync(0, 1, 0, bytes / BlockSize, read)).Require("Read");
            Assert.True(written.Span.SequenceEqual(read.Span));
        }
    }

    public ValueTask DisposeAsync() => _shard.DisposeAsync();
}
