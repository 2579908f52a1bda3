using ManagedNvmet.Initiator;

namespace ManagedNvmet.Server.Tests;

public sealed class SandboxTests : ServerTest
{
    [Fact]
    public async Task Where_io_uring_is_forbidden_worker_threads_serve_and_one_line_says_why()
    {
        string path = MakeFile("disk.img", 1 << 20);
        ServerProcess server = Prepare(
            new ServerProcess(Folder, ["--namespace", path, "--listen", "127.0.0.1:0", "--shards", "4"])
            {
                OnThread = Seccomp.ForbidUring,
            });
        await server.StartAsync();

        Assert.Equal(1, server.LineCount("io_uring is forbidden here, by kernel.io_uring_disabled or by the container's seccomp profile"));
        Assert.Contains("4 shards, worker threads,", server.Output, StringComparison.Ordinal);
        InitiatorController host = await ConnectAsync(server);
        Memory<byte> data = InitiatorController.AllocatePinned(BlockSize);
        data.Span.Fill(9);
        (await host.WriteAsync(0, 1, 0, 1, data)).Require("Write");
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(9, (await File.ReadAllBytesAsync(path))[511]);
    }

    [Fact]
    public async Task Where_io_uring_is_forbidden_and_asked_for_the_start_fails_with_the_reason()
    {
        ServerProcess server = Prepare(
            new ServerProcess(Folder, ["--namespace", "mem:1M", "--disk-engine", "Uring"]) { OnThread = Seccomp.ForbidUring });

        Assert.Contains("io_uring was asked for, but io_uring is forbidden here", await RefusalAsync(server, 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shards_do_not_spin_where_they_would_leave_no_processor_and_one_line_says_so()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--spin", "50", "--shards", "64");
        Assert.SkipUnless(Environment.ProcessorCount < 64, "This machine has processors for all of them.");

        Assert.Equal(1, server.LineCount("Shards do not spin: 64 that never sleep under load leave no processor free"));
    }

    [Fact]
    public async Task Worker_threads_that_were_chosen_are_told_of_in_one_line()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--disk-engine", "Workers", "--shards", "3");

        Assert.Equal(1, server.LineCount("go through worker threads instead of io_uring: that was chosen"));
    }

    [Fact]
    public async Task Where_its_addresses_may_not_be_asked_for_it_serves_all_the_same()
    {
        ServerProcess server = Prepare(
            new ServerProcess(Folder, ["--namespace", "mem:1M", "--listen", "0.0.0.0:0", "--allow-any-host"])
            {
                OnThread = Seccomp.ForbidNetlink,
            });
        await server.StartAsync();

        Assert.Equal("", server.Error);
        await ConnectAsync(server, options => options with { EndPoint = new(System.Net.IPAddress.Loopback, server.EndPoint.Port) });
    }

    [Fact]
    public async Task A_user_without_any_right_serves_a_file()
    {
        ServerProcess server = await PrepareUnprivilegedAsync("--namespace", "disk.img,create=1M", "--listen", "127.0.0.1:0");
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_111_111);
        await server.StartAsync();

        string status = await File.ReadAllTextAsync($"/proc/{server.Id}/status");
        Assert.Contains("CapBnd:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("Uid:\t65534\t65534", status, StringComparison.Ordinal);
        InitiatorController host = await ConnectAsync(server);
        (await host.WriteAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(BlockSize))).Require("Write");
        Assert.Equal(0, await server.StopAsync());
    }
}
