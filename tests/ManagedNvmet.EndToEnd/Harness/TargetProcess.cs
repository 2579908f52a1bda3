using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>The server under test, as a process of its own that can be stopped, killed and started again in the same place.</summary>
public sealed class TargetProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTimeLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan VerbTimeLimit = TimeSpan.FromSeconds(30);

    private readonly string[] _arguments;
    private readonly string _stateDirectory;
    private readonly IPAddress[] _addresses;
    private readonly StringBuilder _log = new();
    private Process? _process;
    private Process? _guard;

    /// <summary>Prepares a target; nothing runs before <see cref="StartAsync"/>.</summary>
    /// <param name="stateDirectory">Kept from one start to the next.</param>
    /// <param name="namespaces">As on the command line: a path, <c>mem:SIZE</c>, <c>null:SIZE</c>, with options behind commas.</param>
    /// <param name="options">Further options of the command line.</param>
    public TargetProcess(string stateDirectory, IEnumerable<string> namespaces, IEnumerable<string>? options = null)
        : this(stateDirectory, FindFreePort(), [IPAddress.Loopback, IPAddress.IPv6Loopback])
    {
        _arguments =
        [
            .. namespaces.SelectMany(name => new[] { "--namespace", name }),
            "--listen", $"127.0.0.1:{Port}", "--listen", $"[::1]:{Port}", "--nqn", Nqn, "--state-directory", stateDirectory,
            .. options ?? [],
        ];
    }

    /// <summary>Prepares a target that serves a configuration file, to be changed while it runs.</summary>
    /// <param name="stateDirectory">Kept from one start to the next.</param>
    /// <param name="configuration">Makes the content of the file for a TCP port. It has to listen on
    /// <see cref="StockHost.SharedAddress"/>.</param>
    public TargetProcess(string stateDirectory, Func<int, string> configuration)
        : this(stateDirectory, FindFreePort(), [IPAddress.Parse(StockHost.SharedAddress)])
    {
        var file = Path.Combine(stateDirectory, "configuration.json");
        File.WriteAllText(file, configuration(Port));
        _arguments = ["--config", file, "--state-directory", stateDirectory];
    }

    private TargetProcess(string stateDirectory, int port, IPAddress[] addresses)
    {
        (_stateDirectory, Port, _addresses) = (stateDirectory, port, addresses);
        Nqn = $"nqn.2014-08.org.example:end-to-end.{Port}";
        _arguments = [];
    }

    /// <summary>Why no server can be started, or null.</summary>
    public static string? Missing { get; } = FindCommand() is null
        ? "The server is not built: build src/ManagedNvmet.Server, or name a server in MANAGEDNVMET_SERVER."
        : null;

    /// <summary>The TCP port, on every address that it listens on.</summary>
    public int Port { get; }

    public string Nqn { get; }

    /// <summary>All that the server has written, over all its starts.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>How many associations' and queues' TCP connections the server holds open, from the kernel's tables.</summary>
    public int OpenConnections => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(connection => connection.LocalEndPoint.Port == Port && connection.State == TcpState.Established);

    /// <summary>Starts the server and waits until it accepts connections.</summary>
    public async Task StartAsync()
    {
        var command = FindCommand() ?? throw new InvalidOperationException(Missing);
        var began = Stopwatch.StartNew();
        var started = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1).Concat(_arguments))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        started.OutputDataReceived += (_, line) => Append(line.Data);
        started.ErrorDataReceived += (_, line) => Append(line.Data);
        Append($"--- end-to-end test: {string.Join(' ', command.Concat(_arguments))}");
        started.Start();
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        _process = started;
        _guard = GuardAgainstOrphans(started.Id);
        foreach (var address in _addresses)
        {
            while (!await AcceptsAsync(address))
            {
                Assert.False(started.HasExited, $"The server ended instead of listening:\n{Log}");
                Assert.True(began.Elapsed < StartTimeLimit, $"The server did not listen within {StartTimeLimit.TotalSeconds:F0} s:\n{Log}");
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Runs a verb of the command line against this server; it must succeed.</summary>
    /// <returns>What it has printed.</returns>
    public async Task<string> ManageAsync(params string[] verb)
    {
        var command = FindCommand() ?? throw new InvalidOperationException(Missing);
        using var started = Process.Start(new ProcessStartInfo(
            command[0], [.. command.Skip(1), .. verb, "--server", Path.Combine(_stateDirectory, "management.sock")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = started.StandardOutput.ReadToEndAsync();
        var error = await started.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(VerbTimeLimit);
        await started.WaitForExitAsync(patience.Token);
        Append($"--- end-to-end test: managed-nvmet {string.Join(' ', verb)}\n{error}");
        Assert.True(started.ExitCode == 0, $"managed-nvmet {string.Join(' ', verb)} ended with {started.ExitCode}:\n{await output}{error}");
        return await output;
    }

    /// <summary>Ends the server as a crash would: nothing is flushed, nobody is told.</summary>
    public async Task KillAsync()
    {
        var ended = _process!;
        Signals.Send(ended.Id, Signals.Kill);
        await ended.WaitForExitAsync();
        Append("--- end-to-end test: killed");
        Forget();
    }

    /// <summary>Asks the server to stop, as systemd would.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        var ended = _process!;
        Signals.Send(ended.Id, Signals.Terminate);
        using var patience = new CancellationTokenSource(StopTimeLimit);
        try
        {
            await ended.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            Assert.Fail($"The server did not stop within {StopTimeLimit.TotalSeconds:F0} s of SIGTERM:\n{Log}");
        }

        var code = ended.ExitCode;
        Append($"--- end-to-end test: stopped with exit code {code}");
        Forget();
        return code;
    }

    /// <summary>A point in the log, for <see cref="WaitForLogAsync"/>.</summary>
    public int LogMark => Log.Length;

    /// <summary>Waits until the server has written something, from a mark on.</summary>
    public async Task<string> WaitForLogAsync(string pattern, int since, TimeSpan timeLimit)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var match = Regex.Match(Log[since..], $"^.*(?:{pattern}).*$", RegexOptions.IgnoreCase | RegexOptions.Multiline);
            if (match.Success)
            {
                return match.Value;
            }

            Assert.True(clock.Elapsed < timeLimit, $"No line like '{pattern}' within {timeLimit.TotalSeconds:F0} s in:\n{Log[since..]}");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        Forget();
    }

    // If the tests are killed themselves, the pipe reads end of file, and the server goes too.
    private static Process GuardAgainstOrphans(int processId) =>
        Process.Start(new ProcessStartInfo("sh", ["-c", "read released || kill -KILL \"$0\"", $"{processId}"])
        {
            RedirectStandardInput = true,
        })!;

    private void Forget()
    {
        if (_guard is not null)
        {
            _guard.StandardInput.WriteLine("released");
            _guard.Dispose();
            _guard = null;
        }

        _process?.Dispose();
        _process = null;
    }

    private void Append(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.Append(line).Append('\n');
            }
        }
    }

    private async Task<bool> AcceptsAsync(IPAddress address)
    {
        using var client = new TcpClient(address.AddressFamily);
        try
        {
            await client.ConnectAsync(address, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Below the range from which outgoing connections take their ports, so that none takes it while the server is down.
    private static int FindFreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20000, 30000);
            try
            {
                using var first = new TcpListener(IPAddress.Loopback, port);
                using var second = new TcpListener(IPAddress.IPv6Loopback, port);
                first.Start();
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }

    private static string[]? FindCommand()
    {
        if (Environment.GetEnvironmentVariable("MANAGEDNVMET_SERVER") is { Length: > 0 } command)
        {
            return command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }

        var configuration = typeof(TargetProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var built = Path.Combine(folder.FullName, "src", "ManagedNvmet.Server", "bin", configuration, "net10.0");
            if (File.Exists(Path.Combine(built, "managed-nvmet")))
            {
                return [Path.Combine(built, "managed-nvmet")];
            }

            if (File.Exists(Path.Combine(built, "managed-nvmet.dll")))
            {
                return ["dotnet", Path.Combine(built, "managed-nvmet.dll")];
            }
        }

        return null;
    }
}
