using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>A guest machine with a stock Debian kernel and its NVMe/TCP initiator, emulated by QEMU. All tests of one kernel share it. It
/// starts with the first test and stops after the last. If a test leaves it in a state that cannot be cleaned, the next test gets a new
/// one.</summary>
/// <remarks>The network is QEMU's user mode, which needs no privilege. This machine's 127.0.0.1 and ::1 are 10.0.2.2 and fec0::2 in the
/// guest; addresses 127.0.2.x are the same in both. Commands travel over a serial port, their text and output through a shared folder. One
/// test uses it at a time.</remarks>
public abstract class StockHost(string kernel) : IAsyncDisposable
{
    /// <summary>Address of this machine's 127.0.0.1 in the guest.</summary>
    public const string TargetAddress = "10.0.2.2";

    /// <summary>An address of this machine's loopback interface that is the same in the guest, so that a discovery log with it is valid on
    /// both sides.</summary>
    public const string SharedAddress = "127.0.2.2";

    /// <summary>Another address like <see cref="SharedAddress"/>. </summary>
    public const string SecondSharedAddress = "127.0.2.3";

    /// <summary>Address of this machine's ::1 in the guest.</summary>
    public const string TargetAddress6 = "fec0::2";

    private static readonly TimeSpan BootTimeLimit = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromSeconds(60);

    // Time beyond a command's limit after which the guest counts as hung.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _running = new();
    private Process? _machine;
    private string _folder = "";
    private TaskCompletionSource<string> _ready = new();
    private int _commandCount;
    private bool _broken;

    /// <summary>Kernel series that setup.sh has built, for example "6.12".</summary>
    public string Kernel { get; } = kernel;

    /// <summary>Release of the kernel as uname prints it; empty before the guest has started.</summary>
    public string Release { get; private set; } = "";

    private string SharedFolder => Path.Combine(_folder, "share");

    private string ConsoleLog => Path.Combine(_folder, "console.log");

    /// <summary>Starts the guest, unless it is already running and working.</summary>
    public async Task EnsureStartedAsync()
    {
        if (_broken || _machine is { HasExited: true })
        {
            await StopAsync();
        }

        if (_machine is null)
        {
            await StartAsync();
        }
    }

    /// <summary>Runs a bash script in the guest. The script ends at the first command that fails.</summary>
    /// <param name="script">The script.</param>
    /// <param name="timeLimit">Time after which the script is killed, with exit code 124; one minute when null.</param>
    public Task<CommandResult> RunAsync(string script, TimeSpan? timeLimit = null) => Start(script, timeLimit).WaitAsync();

    /// <summary>Starts a bash script in the guest and does not wait for its end.</summary>
    public RunningCommand Start(string script, TimeSpan? timeLimit = null)
    {
        var process = _machine ?? throw new InvalidOperationException("The guest has not been started.");
        var limit = timeLimit ?? DefaultTimeLimit;
        var name = Interlocked.Increment(ref _commandCount).ToString(CultureInfo.InvariantCulture);
        var path = Path.Combine(SharedFolder, "commands", name);
        var done = _running[name] = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        File.WriteAllText(path, $"set -e -o pipefail\n. $SHARE/guest/lib\n{script.ReplaceLineEndings("\n")}\n");
        if (process.HasExited)
        {
            throw Died("has ended");
        }

        process.StandardInput.Write($"run {name} {Math.Ceiling(limit.TotalSeconds):F0}\n");
        process.StandardInput.Flush();
        return new RunningCommand(this, script, path + ".out", done.Task, limit + Grace);
    }

    /// <summary>Suspends the guest machine, as a laptop that goes to sleep: it sends and receives nothing.</summary>
    public void Freeze() => Signals.Send(_machine!.Id, Signals.Stop);

    public void Thaw() => Signals.Send(_machine!.Id, Signals.Continue);

    /// <summary>Makes the next test start a new guest.</summary>
    public void MarkBroken() => _broken = true;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    internal InvalidOperationException Died(string how)
    {
        MarkBroken();
        var console = File.Exists(ConsoleLog) ? string.Join('\n', File.ReadLines(ConsoleLog).TakeLast(40)) : "(none)";
        return new InvalidOperationException($"The guest with Linux {Kernel} {how}. The end of its console:\n{console}");
    }

    private async Task StartAsync()
    {
        var began = Stopwatch.StartNew();
        var runs = Path.Combine(GuestImages.Cache, "runs");
        _folder =
            Directory.CreateDirectory(Path.Combine(runs, $"linux-{Kernel}-{Environment.ProcessId}-{Environment.TickCount64}")).FullName;
        Directory.CreateDirectory(Path.Combine(SharedFolder, "commands"));
        Directory.CreateDirectory(Path.Combine(SharedFolder, "guest"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "guest")))
        {
            File.Copy(file, Path.Combine(SharedFolder, "guest", Path.GetFileName(file)));
        }

        _ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _broken = false;
        var started = Process.Start(new ProcessStartInfo("qemu-system-x86_64", MachineArguments())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _machine = started;
        started.ErrorDataReceived += (_, line) => File.AppendAllText(Path.Combine(_folder, "qemu.log"), line.Data + "\n");
        started.BeginErrorReadLine();
        _ = ListenAsync(started);
        try
        {
            var uptime = await _ready.Task.WaitAsync(BootTimeLimit);
            Release = (await RunAsync("uname -r")).Succeeded();
            TestContext.Current.SendDiagnosticMessage(
                $"Linux {Release} is up after {began.Elapsed.TotalSeconds:F1} s ({uptime} s by its own clock).");
        }
        catch (Exception error)
        {
            var reason = Died($"did not start ({error.Message})");
            await StopAsync();
            throw reason;
        }
    }

    private IEnumerable<string> MachineArguments() =>
        [
            // Emulates all processors of the guest in one thread. With one thread per processor, QEMU 7.2 sometimes executes code that the
            // guest's kernel is patching, which causes oopses and crashes of programs. On a busy machine, one thread is also faster.
            "-accel", "tcg,thread=single", "-cpu", "max", "-M", "q35", "-m", "768", "-smp", "4",
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
            "-kernel", GuestImages.KernelImage(Kernel), "-initrd", GuestImages.InitialRamdisk(Kernel),
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check",
            "-chardev", $"file,id=console,path={ConsoleLog}", "-serial", "chardev:console",
            "-drive", $"if=none,id=root,file={GuestImages.RootFileSystem},format=raw,readonly=on", "-device", "virtio-blk-pci,drive=root",
            "-netdev", "user,id=network", "-device", "virtio-net-pci,netdev=network,romfile=",
            "-fsdev", $"local,id=share,path={SharedFolder},security_model=none", "-device", "virtio-9p-pci,fsdev=share,mount_tag=share",
            // The serial port is QEMU's standard input and output, so that the guest reads end of file when this process ends for any
            // reason.
            "-chardev", "stdio,id=agent,signal=off", "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=agent",
        ];

    private async Task ListenAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["ready", var uptime]:
                    _ready.TrySetResult(uptime);
                    break;
                case ["done", var name, var code] when _running.TryRemove(name, out var command):
                    command.TrySetResult(int.Parse(code, CultureInfo.InvariantCulture));
                    break;
            }
        }

        _ready.TrySetException(new InvalidOperationException("QEMU ended before the guest was ready"));
        foreach (var name in _running.Keys)
        {
            if (_running.TryRemove(name, out var command))
            {
                command.TrySetException(Died("ended while a command was running"));
            }
        }
    }

    private async Task StopAsync()
    {
        if (_machine is not { } process)
        {
            return;
        }

        _machine = null;
        if (!process.HasExited && !_broken)
        {
            process.StandardInput.Write("quit\n");
            process.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            await process.WaitForExitAsync(patience.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        if (!KeepFiles)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    internal static bool KeepFiles => Environment.GetEnvironmentVariable("MANAGEDNVMET_E2E_KEEP") is { Length: > 0 };
}
