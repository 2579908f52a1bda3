using System.Diagnostics;

namespace ManagedNvmet.Server.Tests;

/// <summary>A network namespace with an avahi daemon and a D-Bus daemon of its own.</summary>
internal sealed class AvahiHost : IAsyncDisposable
{
    private readonly string _networkNamespace;
    private readonly string _folder;
    private readonly List<Process> _processes = [];
    private Process? _daemon;

    private AvahiHost(string networkNamespace, string folder)
    {
        _networkNamespace = networkNamespace;
        _folder = folder;
    }

    /// <summary>Value of DBUS_SYSTEM_BUS_ADDRESS for processes that use this daemon.</summary>
    public string BusAddress => $"unix:path={_folder}/bus";

    public static async Task<AvahiHost> StartAsync(string networkNamespace, string folder)
    {
        Directory.CreateDirectory(folder);
        var host = new AvahiHost(networkNamespace, folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "bus.conf"), $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
              "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
              <policy context="default">
                <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
              </policy>
            </busconfig>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "avahi.conf"), $"""
            [server]
            host-name={networkNamespace}
            use-ipv4=yes
            use-ipv6=yes
            enable-dbus=yes
            [publish]
            publish-workstation=no
            [wide-area]
            enable-wide-area=no
            """);
        host.Launch("dbus-daemon", $"--config-file={folder}/bus.conf", "--nofork", "--nopidfile");
        await WaitAsync(() => Task.FromResult(File.Exists(Path.Combine(folder, "bus"))), "No D-Bus came up.");
        await host.StartDaemonAsync();
        return host;
    }

    /// <summary>Starts the daemon and waits until it accepts services.</summary>
    public async Task StartDaemonAsync()
    {
        // The daemon's files have fixed paths in /run, so each daemon gets a /run of its own.
        _daemon = Launch("ip", "netns", "exec", _networkNamespace, "sh", "-c",
            "mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon && "
            + $"exec avahi-daemon -f {_folder}/avahi.conf --no-drop-root --no-chroot --no-rlimits");
        await WaitAsync(async () => (await BrowseOnceAsync()).ExitCode == 0, "No avahi daemon came up.");
    }

    /// <summary>Stops the daemon with SIGTERM.</summary>
    public async Task StopDaemonAsync()
    {
        Signals.Send(_daemon!.Id, Signals.Terminate);
        await _daemon.WaitForExitAsync();
    }

    /// <summary>Returns the found services with addresses, ports and TXT strings, as avahi-browse prints them.</summary>
    public async Task<string[]> BrowseAsync()
    {
        (_, string output) = await BrowseOnceAsync();
        return [.. output.Split('\n').Where(line => line.StartsWith('=')).Order(StringComparer.Ordinal)];
    }

    /// <summary>Browses repeatedly until the found services meet the condition, and returns them.</summary>
    public async Task<string[]> WaitForServicesAsync(Func<string[], bool> isExpected)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            string[] found = await BrowseAsync();
            if (isExpected(found))
                return found;
            Assert.True(clock.Elapsed < ServerProcess.Patience, $"Found only:\n{string.Join('\n', found)}");
            await Task.Delay(200);
        }
    }

    /// <summary>Starts avahi-browse, which prints services as they appear and disappear.</summary>
    /// <returns>A function that returns the output so far.</returns>
    public Func<string> Watch()
    {
        Process process = Launch("env", $"DBUS_SYSTEM_BUS_ADDRESS={BusAddress}", "stdbuf", "-oL", "avahi-browse", "-rp", "_nvme-disc._tcp");
        var lines = new List<string>();
        process.OutputDataReceived += (_, line) =>
        {
            lock (lines)
                lines.Add(line.Data ?? "");
        };
        process.BeginOutputReadLine();
        return () =>
        {
            lock (lines)
                return string.Join('\n', lines);
        };
    }

    public static async Task WaitAsync(Func<Task<bool>> isDone, string otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (!await isDone())
        {
            Assert.True(clock.Elapsed < ServerProcess.Patience, otherwise);
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in Enumerable.Reverse(_processes))
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
            process.Dispose();
        }
    }

    private Task<(int ExitCode, string Output)> BrowseOnceAsync() =>
        Machine.RunAsync("env", $"DBUS_SYSTEM_BUS_ADDRESS={BusAddress}", "avahi-browse", "-rtp", "_nvme-disc._tcp");

    private Process Launch(string command, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DBUS_SYSTEM_BUS_ADDRESS"] = BusAddress, ["LC_ALL"] = "C" },
        })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        _processes.Add(process);
        return process;
    }
}
