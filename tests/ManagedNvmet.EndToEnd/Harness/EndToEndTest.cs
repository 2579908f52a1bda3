using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>A connected controller in the guest.</summary>
/// <param name="Controller">Name of the controller in the guest, for example <c>nvme0 </c>. </param>
/// <param name="Devices">Block devices of the namespaces, ordered by namespace identifier.</param>
public sealed record Connection(string Controller, IReadOnlyList<string> Devices)
{
    /// <summary>The block device of the only namespace.</summary>
    public string Device => Assert.Single(Devices);
}

/// <summary>Base class of tests with one guest and usually one server. After each test, the guest disconnects. Its kernel log must not
/// contain warnings or errors other than those that the test allows.</summary>
public abstract class EndToEndTest(StockHost host) : IAsyncLifetime
{
    // Messages that do not concern the target. An emulated machine complains about its clocks when this machine is busy. A kernel may
    // report a failed Keep Alive while it disconnects. After a Keep Alive that fails at any other time, the kernel also reports an error
    // recovery, which is not in this list.
    private static readonly string[] Noise =
    [
        "hrtimer: interrupt took", "clocksource: ", "TSC found unstable", "TSC unstable due to clocksource watchdog",
        "long keepalive RTT", "failed nvme_keep_alive_end_io error=4",
    ];

    private readonly List<TargetProcess> _targets = [];
    private readonly List<string> _allowedKernelMessages = [.. Noise];
    private readonly Stopwatch _clock = new();
    private string _folder = "";
    private string _mark = "";

    protected StockHost Host { get; } = host;

    /// <summary>Options of the command line that every server of the test gets.</summary>
    protected virtual string[] ServerOptions => [];

    public async ValueTask InitializeAsync()
    {
        if ((GuestImages.Missing ?? TargetProcess.Missing) is { } reason)
        {
            Assert.Skip(reason);
        }

        await Host.EnsureStartedAsync();
        _clock.Start();
        _mark = $"end-to-end {Guid.NewGuid():N}";
        _folder = Directory.CreateDirectory(Path.Combine(GuestImages.Cache, "runs", Guid.NewGuid().ToString("N"))).FullName;
        (await Host.RunAsync($"echo '<4>{_mark} {TestContext.Current.TestMethod?.MethodName}' > /dev/kmsg")).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_folder.Length == 0)
        {
            return;
        }

        try
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
            {
                await ReportAsync();
            }
            else
            {
                await DisconnectEverythingAsync();
                await AssertKernelLogCleanAsync();
            }
        }
        catch
        {
            await ReportAsync();
            throw;
        }
        finally
        {
            foreach (var target in _targets)
            {
                await target.DisposeAsync();
            }

            if (!StockHost.KeepFiles)
            {
                Directory.Delete(_folder, recursive: true);
            }
        }
    }

    /// <summary>Starts a server, which runs until the end of the test.</summary>
    protected Task<TargetProcess> ServeAsync(params string[] namespaces) => ServeAsync(namespaces, []);

    protected Task<TargetProcess> ServeAsync(string[] namespaces, string[] options) =>
        StartAsync(new TargetProcess(StateFolder(), namespaces, [.. ServerOptions, .. options]));

    /// <summary>Starts a server with a configuration file that the test can change. The server runs until the end of the test.</summary>
    /// <param name="configuration">Returns the content of the file for a TCP port on <see cref="StockHost.SharedAddress"/>. </param>
    protected Task<TargetProcess> ServeAsync(Func<int, string> configuration) =>
        StartAsync(new TargetProcess(StateFolder(), configuration));

    /// <summary>Returns a path in the test's folder, which is on a disk and not in memory.</summary>
    protected string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Creates a sparse file for a namespace and returns its path.</summary>
    protected string CreateFile(string name, int mebibytes)
    {
        using var file = File.Create(PathOf(name));
        file.SetLength((long)mebibytes << 20);
        return file.Name;
    }

    /// <summary>Runs a bash script in the guest and asserts that it succeeds. Returns its output.</summary>
    protected async Task<string> RunAsync(string script, int seconds = 60)
    {
        var result = await Host.RunAsync(script, TimeSpan.FromSeconds(seconds));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"[{result.Duration.TotalSeconds,5:F1} s] {script.Trim().ReplaceLineEndings("; ")}");
        return result.Succeeded();
    }

    /// <summary>Connects the guest and waits until the controller is live and its block devices can be opened.</summary>
    protected async Task<Connection> ConnectAsync(
        TargetProcess target, string options = "", int namespaces = 1, string address = StockHost.TargetAddress)
    {
        var output = await RunAsync($"""
            nvme connect --transport=tcp --traddr={address} --trsvcid={target.Port} --nqn={target.Nqn} {options} > /dev/null
            wait_until 30 has_namespaces {target.Nqn} {namespaces}
            controller=$(controllers {target.Nqn})
            wait_until 10 is_live $controller
            echo "controller $controller"
            namespaces {target.Nqn}
            """);
        var lines = output.Split('\n').SkipWhile(line => !line.StartsWith("controller ", StringComparison.Ordinal)).ToArray();
        return new Connection(lines[0]["controller ".Length..], lines[1..]);
    }

    protected Task DisconnectAsync(TargetProcess target) =>
        RunAsync($"nvme disconnect --nqn={target.Nqn} > /dev/null; [ -z \"$(controllers {target.Nqn})\" ]");

    /// <summary>Allows warnings and errors in the guest's kernel log that match one of the patterns.</summary>
    protected void AllowInKernelLog(params string[] patterns) => _allowedKernelMessages.AddRange(patterns);

    /// <summary>Allows the kernel messages of a host that loses its connection and reconnects.</summary>
    protected void AllowReconnectInKernelLog() => AllowInKernelLog(
        "starting error recovery",
        "failed to connect socket",
        "failed to send request",
        "failed nvme_keep_alive_end_io",
        "Reconnecting in",
        "Failed reconnect attempt",
        "queue [0-9]+ connect failed",
        "Connect command failed, (errno|error)",
        "failed to connect queue",
        "(receive|recv) failed|queue [0-9]+: (receive|timeout)",
        "I/O [0-9]+ .*timeout|I/O tag .*timeout",
        "no usable path - requeuing I/O",
        "nvme_ns_head_submit_bio: [0-9]+ callbacks suppressed",
        "Property (Set|Get) error",
        "rescheduling path");

    /// <summary>Fails if the guest's kernel log contains a warning or error that the test has not allowed.</summary>
    protected async Task AssertKernelLogCleanAsync()
    {
        var messages = await RunAsync($"dmesg --notime --level=emerg,alert,crit,err,warn | sed '1,/{_mark}/d'");
        var unexpected = messages.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !_allowedKernelMessages.Any(pattern => Regex.IsMatch(line, pattern)))
            .ToArray();
        Assert.True(unexpected.Length == 0, $"The guest's kernel complained:\n{string.Join('\n', unexpected)}");
    }

    private string StateFolder() => Directory.CreateDirectory(Path.Combine(_folder, $"state-{_targets.Count}")).FullName;

    private async Task<TargetProcess> StartAsync(TargetProcess target)
    {
        _targets.Add(target);
        await target.StartAsync();
        return target;
    }

    private Task DisconnectEverythingAsync() => RunAsync("""
        if mountpoint -q /mnt/disk; then umount /mnt/disk; fi
        [ -z "$(ls /sys/class/nvme)" ] || nvme disconnect-all
        [ -z "$(ls /sys/class/nvme)" ]
        """, 30);

    private async Task ReportAsync()
    {
        var output = TestContext.Current.TestOutputHelper;
        output?.WriteLine($"Linux {Host.Release}, {_clock.Elapsed.TotalSeconds:F1} s after the start of the test");
        foreach (var target in _targets)
        {
            output?.WriteLine($"=== the server's log\n{target.Log}");
        }

        try
        {
            var state = await Host.RunAsync($"""
                dmesg | sed '1,/{_mark}/d'
                grep -s . /sys/class/nvme/*/state || true
                """, TimeSpan.FromSeconds(10));
            output?.WriteLine($"=== the guest's kernel\n{state.Output}");
        }
        catch (InvalidOperationException error)
        {
            output?.WriteLine(error.Message);
        }

        Host.MarkBroken();
    }
}
