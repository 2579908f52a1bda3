using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using ManagedNvmet.Initiator;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Disks that grow or shrink while hosts use them.</summary>
public sealed class ResizeTests : IDisposable
{
    private static readonly Nqn A = Nqn.Parse("nqn.2026-11.com.example:a");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_has_grown_is_told_to_hosts_and_used_to_its_new_end()
    {
        string path = _folder.MakeFile("disk.img");
        await using RunningServer server = await RunningServer.StartAsync(Of(path, "mem:1M"), _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);
        Assert.Equal([], await ChangedAsync(host));
        Assert.False((await ReadAsync(host, 1, 2048)).Status.IsSuccess);

        Resize(path, 2 << 20);
        await server.Server.RefreshSizesAsync(CancellationToken.None);

        Assert.Equal([1U], await ChangedAsync(host));
        Assert.Equal(4096UL, await BlocksAsync(host, 1));
        Assert.True((await ReadAsync(host, 1, 4095)).Status.IsSuccess);
        Assert.False((await ReadAsync(host, 1, 4096)).Status.IsSuccess);
        Assert.Equal(2UL << 20, server.Server.Namespaces[0].Namespace.Properties.SizeBytes);
    }

    [Fact]
    public async Task Disks_of_the_same_size_as_before_are_told_to_nobody()
    {
        string path = _folder.MakeFile("disk.img");
        await using RunningServer server = await RunningServer.StartAsync(Of(path, "mem:1M"), _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);
        await ChangedAsync(host);

        // The file grows by less than a block, so that the number of blocks does not change.
        Resize(path, (1 << 20) + 511);
        await server.Server.RefreshSizesAsync(CancellationToken.None);

        Assert.Equal([], await ChangedAsync(host));
        Assert.Equal(2048UL, await BlocksAsync(host, 1));
    }

    [Fact]
    public async Task A_file_that_was_cut_is_told_to_hosts_and_commands_beyond_its_end_are_refused()
    {
        string path = _folder.MakeFile("disk.img");
        await using RunningServer server = await RunningServer.StartAsync(Of(path), _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);

        Resize(path, 512);
        await server.Server.RefreshSizesAsync(CancellationToken.None);

        Assert.Equal(1UL, await BlocksAsync(host, 1));
        NvmeStatus status = (await ReadAsync(host, 1, 1)).Status;
        Assert.Equal((NvmeStatus.LbaOutOfRange.CodeType, NvmeStatus.LbaOutOfRange.Code), (status.CodeType, status.Code));
    }

    [Fact]
    public async Task A_file_with_nothing_left_keeps_its_size_and_comes_back()
    {
        string path = _folder.MakeFile("disk.img");
        await using RunningServer server = await RunningServer.StartAsync(Of(path), _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);

        Resize(path, 511);
        await server.Server.RefreshSizesAsync(CancellationToken.None);
        Assert.Equal(2048UL, await BlocksAsync(host, 1));
        Assert.False((await ReadAsync(host, 1, 1)).Status.IsSuccess);

        Resize(path, 2 << 20);
        await server.Server.RefreshSizesAsync(CancellationToken.None);
        Assert.Equal(4096UL, await BlocksAsync(host, 1));
    }

    [Fact]
    public async Task A_resized_namespace_goes_on_through_the_next_change_of_the_configuration()
    {
        string path = _folder.MakeFile("disk.img");
        await using RunningServer server = await RunningServer.StartAsync(Of(path), _folder.Path);
        await using InitiatorController host = await server.ConnectAsync(A);
        Resize(path, 2 << 20);
        await server.Server.RefreshSizesAsync(CancellationToken.None);

        TargetConfiguration wanted = Of(path);
        SubsystemConfiguration subsystem = wanted.Subsystems[0];
        await server.ApplyAsync(wanted with
        {
            Subsystems = [subsystem with { Namespaces = [subsystem.Namespaces[0] with { AnaGroup = 2 }] }],
        });

        Assert.Equal(4096UL, await BlocksAsync(host, 1));
    }

    [Fact]
    public async Task A_reload_asks_at_once_and_the_clock_asks_by_itself()
    {
        string path = _folder.MakeFile("disk.img");
        await using (RunningServer server = await RunningServer.StartAsync(Of(path), _folder.Path))
        {
            Resize(path, 2 << 20);
            await server.Server.ReloadAsync(CancellationToken.None);
            Assert.Equal(2UL << 20, server.Server.Namespaces[0].Namespace.Properties.SizeBytes);
        }

        await using RunningServer again = await RunningServer.StartAsync(
            Of(path), _folder.Path, options => options.SizeInterval = TimeSpan.FromMilliseconds(5));
        Resize(path, 3 << 20);
        var clock = Stopwatch.StartNew();
        while (again.Server.Namespaces[0].Namespace.Properties.SizeBytes != 3UL << 20 && clock.Elapsed < TimeSpan.FromSeconds(60))
            await Task.Yield();
        Assert.Equal(3UL << 20, again.Server.Namespaces[0].Namespace.Properties.SizeBytes);
    }

    // Uses truncate(2), because a .NET stream would request the lock that the server holds.
    private static void Resize(string path, long bytes)
    {
        using Process truncate = Process.Start("truncate", ["--size", bytes.ToString(CultureInfo.InvariantCulture), path]);
        truncate.WaitForExit();
        Assert.Equal(0, truncate.ExitCode);
    }

    private static async Task<ulong> BlocksAsync(InitiatorController host, uint id) =>
        BinaryPrimitives.ReadUInt64LittleEndian((await host.IdentifyAsync(0x00, id)).Span);

    // Reads the Changed Attached Namespace List log page. Reading clears it.
    private static async Task<List<uint>> ChangedAsync(InitiatorController host)
    {
        ReadOnlyMemory<byte> page = await host.GetLogPageAsync(0x04, 4096);
        var changed = new List<uint>();
        for (int offset = 0; BinaryPrimitives.ReadUInt32LittleEndian(page.Span[offset..]) is not 0 and { } id; offset += 4)
            changed.Add(id);
        return changed;
    }

    private static async Task<CommandResult> ReadAsync(InitiatorController host, uint id, ulong block) =>
        await host.ReadAsync(0, id, block, 1, InitiatorController.AllocatePinned(512));

    private static TargetConfiguration Of(params string[] devices) => new()
    {
        Subsystems =
        [
            new SubsystemConfiguration
            {
                Nqn = A,
                AllowAnyHost = true,
                Namespaces = devices.Select(
                    (device, index) => new NamespaceConfiguration { Id = (uint)index + 1, Device = device }).ToConfigurationList(),
            },
        ],
        Ports =
        [
            new PortConfiguration
            {
                Id = 1,
                Address = "127.0.0.1",
                AddressFamily = PortAddressFamily.Ipv4,
                ServiceId = 0,
                Subsystems = [A],
            },
        ],
    };
}
