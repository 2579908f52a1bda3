using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.Server.Tests;

public sealed class StopTests : ServerTest
{
    private const int KilledByTerminate = 128 + Signals.Terminate;

    // The server's deadline for a stop. A stop that takes less time has not waited for it.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Interrupt)]
    public async Task A_stop_while_a_host_writes_ends_with_0_in_time_and_what_was_acknowledged_is_in_the_file(int signal)
    {
        const int Writers = 16;
        const int Bytes = 8192;
        string path = MakeFile("disk.img", 1L << 30);
        ServerProcess server = await StartAsync("--namespace", path);
        InitiatorController host = await ConnectAsync(server, options => options with { IoQueues = 4 });
        var acknowledged = new ConcurrentBag<int>();
        int next = 0;
        async Task WriteAsync(int writer)
        {
            Memory<byte> data = InitiatorController.AllocatePinned(Bytes);
            while (true)
            {
                int number = Interlocked.Increment(ref next);
                new Random(number).NextBytes(data.Span);
                CommandResult result = await host.WriteAsync(writer % 4, 1, (ulong)number * (Bytes / BlockSize), Bytes / BlockSize, data);
                if (!result.Status.IsSuccess)
                    return;
                acknowledged.Add(number);
            }
        }
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer)))];
        while (acknowledged.Count < 200)
            await Task.Delay(1);

        var clock = Stopwatch.StartNew();
        int exitCode = await server.StopAsync(signal);
        TimeSpan taken = clock.Elapsed;
        await Task.WhenAll(writers);

        Assert.Equal(0, exitCode);
        Assert.True(taken < Deadline, $"The stop took {taken}:\n{server.Output}");
        Assert.Equal("", server.Error);
        Assert.Equal(1, server.LineCount("Stopped"));
        Assert.Equal(0, server.LineCount(" error "));
        using FileStream file = File.OpenRead(path);
        byte[] expected = new byte[Bytes];
        byte[] found = new byte[Bytes];
        foreach (int number in acknowledged)
        {
            new Random(number).NextBytes(expected);
            file.Position = (long)number * Bytes;
            file.ReadExactly(found);
            Assert.True(expected.AsSpan().SequenceEqual(found), $"Write {number} was acknowledged and is not in the file.");
        }
    }

    [Fact]
    public async Task Idle_hosts_do_not_hold_up_a_stop()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        await ConnectAsync(server, options => options with { IoQueues = 4 });
        using var silent = new TcpClient();
        await silent.ConnectAsync(server.EndPoint);
        var clock = Stopwatch.StartNew();

        Assert.Equal(0, await server.StopAsync());
        Assert.True(clock.Elapsed < Deadline, $"The stop took {clock.Elapsed}.");
        Assert.Equal("", server.Error);
    }

    [Fact]
    public async Task The_port_is_free_again_at_once_although_hosts_were_connected()
    {
        ServerProcess first = await StartAsync("--namespace", "mem:1M");
        IPEndPoint endPoint = first.EndPoint;
        for (int i = 0; i < 3; i++)
        {
            await ConnectAsync(first, options => options with { IoQueues = 4 });
            await first.StopAsync();
            first = Prepare("--namespace", "mem:1M", "--listen", $"{endPoint}");
            await first.StartAsync();
        }

        Assert.Equal(endPoint, first.EndPoint);
        await ConnectAsync(first);
    }

    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Interrupt)]
    public async Task A_stop_in_the_middle_of_a_start_ends_with_0_and_without_a_summary(int signal)
    {
        // The server flushes each new identity to the disk, so that the start takes long enough to be interrupted.
        string[] disks = [.. Enumerable.Range(0, 200).SelectMany(_ => (string[])["--namespace", "mem:1M"])];
        ServerProcess server = Prepare(["--listen", "127.0.0.1:0", .. disks]);
        server.Launch();
        while (!File.Exists(Path.Combine(StateFolder, "identities.json")))
            await Task.Delay(1);

        Assert.Equal(0, await server.StopAsync(signal));
        Assert.Equal("", server.Error);

        ServerProcess again = await StartAsync("--namespace", "mem:1M");
        Assert.Equal(0, await again.StopAsync());
    }

    [Fact]
    public async Task A_stop_at_any_moment_of_a_start_leaves_no_trace_of_an_error()
    {
        for (int milliseconds = 0; milliseconds <= 400; milliseconds += 20)
        {
            ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", "127.0.0.1:0");
            server.Launch();
            await Task.Delay(milliseconds);
            int exitCode = await server.StopAsync();

            // Before the program has installed its handlers, the signal kills the process.
            Assert.True(exitCode is 0 or KilledByTerminate, $"After {milliseconds} ms it ended with {exitCode}:\n{server.Error}");
            Assert.Equal("", server.Error);
        }
    }

    [Fact]
    public async Task After_a_kill_the_next_start_serves_the_same_disk()
    {
        string path = MakeFile("disk.img", 1 << 20);
        ServerProcess first = await StartAsync("--namespace", path);
        InitiatorController host = await ConnectAsync(first);
        Memory<byte> data = InitiatorController.AllocatePinned(BlockSize);
        data.Span.Fill(7);
        (await host.WriteAsync(0, 1, 3, 1, data)).Require("Write");
        await first.StopAsync(Signals.Kill);

        ServerProcess second = Prepare("--namespace", path, "--listen", $"{first.EndPoint}");
        await second.StartAsync();

        Assert.Equal(first.SubsystemNqn, second.SubsystemNqn);
        InitiatorController again = await ConnectAsync(second);
        data.Span.Clear();
        (await again.ReadAsync(0, 1, 3, 1, data)).Require("Read");
        Assert.False(data.Span.ContainsAnyExcept((byte)7));
    }
}
