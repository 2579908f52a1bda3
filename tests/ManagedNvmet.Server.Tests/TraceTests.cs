using System.Diagnostics;
using System.Text;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.Server.Tests;

/// <summary>The trace verb, with a server in another process.</summary>
public sealed class TraceTests : ServerTest
{
    private const int SegmentationFault = 128 + 11;

    private static readonly byte[] SectionHeader = [0x0A, 0x0D, 0x0D, 0x0A];

    [Fact]
    public async Task A_trace_is_a_file_for_its_owner_that_tshark_reads_also_of_large_transfers_over_IPv6()
    {
        Assert.SkipUnless(Machine.Has("tshark"), "There is no tshark on this machine: apt-get install tshark.");
        ServerProcess server = Prepare("--listen", "[::1]:0", "--namespace", "mem:1M");
        await server.StartAsync();
        InitiatorController host = await ConnectAsync(server);
        string file = Path.Combine(Folder, "host.pcapng");
        Task<(int ExitCode, string Output, string Error)> tracing = TraceAsync(
            null, "--output", file, "--duration", "2s", "--opcode", "read");
        Memory<byte> data = InitiatorController.AllocatePinned(256 * BlockSize);
        while (!tracing.IsCompleted)
            (await host.ReadAsync(0, 1, 0, 256, data)).Require("Read");

        (int exitCode, string output, string error) = await tracing;
        string port = server.EndPoint.Port.ToString();
        string decode = $"tcp.port=={port},nvme-tcp";
        (int crashed, _) = await Machine.RunAsync("tshark", "-d", decode, "-r", file);
        Assert.SkipWhen(crashed == SegmentationFault, "This tshark crashes (SIGSEGV) in its NVMe dissector, as 4.0 does on some traces.");
        string[] reads = (await Machine.RequireAsync("tshark", "-d", decode, "-r", file, "-Y", "nvme.cmd.opc == 2", "-T", "fields",
            "-e", "nvme.cmd.nlb")).Split('\n');
        string[] sent = (await Machine.RequireAsync("tshark", "-d", decode, "-r", file, "-Y", "nvme-tcp.type == 7", "-T", "fields",
            "-e", "nvme-tcp.data.length")).Split('\n');

        Assert.True(exitCode == 0, error);
        Assert.Equal("", output);
        Assert.Contains($"-d {decode}", error, StringComparison.Ordinal);

        // On a busy machine some packets may be lost, which the last line reports.
        Assert.Matches(@"\n\d+ packets, .* \d+ lost\n$", error);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains("256", reads);
        Assert.Contains("131072", sent);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Ctrl_C_ends_a_trace_well_and_its_file_is_whole()
    {
        await StartAsync("--namespace", "mem:1M");
        string file = Path.Combine(Folder, "ended.pcapng");

        (int exitCode, _, string error) = await TraceAsync(
            process => WaitAndInterruptAsync(process, () => File.Exists(file) && new FileInfo(file).Length > 100), "--output", file);
        byte[] bytes = await File.ReadAllBytesAsync(file);

        Assert.True(exitCode == 0, error);
        Assert.Contains("0 packets, ", error, StringComparison.Ordinal);
        Assert.Equal(SectionHeader, bytes[..4]);
        int end = 0;
        while (end < bytes.Length)
            end += BitConverter.ToInt32(bytes, end + 4);
        Assert.Equal(bytes.Length, end);
    }

    [Fact]
    public async Task Standard_output_carries_the_trace_and_nothing_else()
    {
        await StartAsync("--namespace", "mem:1M");

        (int exitCode, string output, string error) = await TraceAsync(null, "--duration", "100ms", "--json");

        Assert.Equal(0, exitCode);
        Assert.StartsWith("\n\r\r\n", output, StringComparison.Ordinal);
        Assert.StartsWith("{\"packets\":0,\"bytes\":", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "There is no command 'raed'", "--opcode", "raed")]
    [InlineData(1, "The queue is 'both', expected a number", "--queue", "both")]
    [InlineData(1, "is no name of a host or subsystem", "--host", "a\tb")]
    [InlineData(2, "--duration is 'soon', expected a time such as 30s", "--duration", "soon")]
    [InlineData(2, "--max-bytes is 'much', expected a size", "--max-bytes", "much")]
    [InlineData(2, "--output is empty", "--output", "")]
    [InlineData(1, "/nowhere/x cannot be written", "--output", "/nowhere/x")]
    public async Task A_wrong_argument_is_explained(int expected, string sentence, params string[] arguments)
    {
        await StartAsync("--namespace", "mem:1M");

        (int exitCode, string output, string error) = await TraceAsync(null, [.. arguments, "--data", "1K"]);

        Assert.Equal(expected, exitCode);
        Assert.Equal("", output);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static async Task WaitAndInterruptAsync(Process process, Func<bool> isReady)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience);
        while (!isReady())
            await Task.Delay(20, patience.Token);
        await Machine.RequireAsync("kill", "-INT", process.Id.ToString());
    }

    private async Task<(int ExitCode, string Output, string Error)> TraceAsync(Func<Process, Task>? meanwhile, params string[] arguments)
    {
        // Restores the default signal handlers, because child processes inherit signals that the tests ignore.
        using var process = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", ServerProcess.Binary, "trace", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
            Environment = { ["XDG_STATE_HOME"] = StateHome },
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (meanwhile is not null)
            await meanwhile(process);
        using var patience = new CancellationTokenSource(ServerProcess.Patience);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }
}
