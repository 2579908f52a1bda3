using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ManagedNvmet.Initiator;
using Xunit;

namespace ManagedNvmet.Hosting.Tests;

/// <summary>Runs each sample as its reader would, and uses its disk.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("managed-nvmet-samples-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task WebDisk_serves_a_page_and_a_disk()
    {
        int pagePort = FreePort();
        int diskPort = FreePort();
        await using var host = new TestHost();
        using Process sample = Start("WebDisk", $"--PagePort={pagePort}", $"--DiskPort={diskPort}");
        await using (InitiatorController controller = await host.ConnectWhenItListensAsync(
            new IPEndPoint(IPAddress.Loopback, diskPort), Nqn.Parse("nqn.2026-12.io.example:web")))
        {
            await TestHost.WriteAndReadBackAsync(controller);
            using var browser = new HttpClient();
            Assert.Equal("2 connections to the disk\n", await browser.GetStringAsync($"http://127.0.0.1:{pagePort}/"));
        }
        await StopAsync(sample);
    }

    [Fact]
    public async Task StreamDisk_serves_a_disk_over_a_Unix_socket()
    {
        string path = Path.Combine(_folder, "disk.sock");
        await using var host = new TestHost();
        using Process sample = Start("StreamDisk", path);
        using var relay = new UnixRelay(path);
        await using (InitiatorController controller = await host.ConnectWhenItListensAsync(
            relay.EndPoint, Nqn.Parse("nqn.2026-12.io.example:stream")))
        {
            await TestHost.WriteAndReadBackAsync(controller);
        }
        await StopAsync(sample);
    }

    [Fact]
    public void CustomDisk_is_a_disk_in_about_twenty_lines()
    {
        string[] lines = File.ReadAllLines(Path.Combine(SamplesFolder(), "CustomDisk", "Program.cs"));

        int first = Array.FindIndex(lines, line => line.Contains(": BlockDevice", StringComparison.Ordinal));
        Assert.InRange(lines.Length - first, 1, 24);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task StopAsync(Process sample)
    {
        using Process kill = Process.Start("kill", ["-TERM", sample.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await sample.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, sample.ExitCode);
    }

    private static string SamplesFolder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "samples"));

    private Process Start(string sample, params string[] arguments)
    {
        // The sample was built with the tests: .../bin/CONFIGURATION/FRAMEWORK.
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        string program = Path.Combine(SamplesFolder(), sample, "bin", own.Parent!.Name, own.Name, sample);
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder };
        start.Environment["XDG_STATE_HOME"] = _folder;
        return Process.Start(start)!;
    }
}
