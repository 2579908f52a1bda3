using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>The server under test in a process of its own. A test can stop, kill and restart it with the same port and state.</summary>
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

    /// <summary>Prepares a target. The process starts with <see cref="StartAsync"/>. </summary>
    /// <param name="stateDirectory">State folder of the server; it survives restarts.</param>
    /// <param name="namespaces">Namespaces as on the command line: a path, <c>mem:SIZE </c> or <c>null:SIZE </c>, with options after
    /// commas.</param>
    /// <param name="options">Further command line options.</param>
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

    /// <summary>Prepares a target with a configuration file that the test can change while the target runs.</summary>
    /// <param name="stateDirectory">State folder of the server; it survives restarts.</param>
    /// <param name="configuration">Returns the content of the file for a TCP port. The configuration must listen on
    /// <see cref="StockHost.SharedAddress"/>. </param>
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

    /// <summary>Why no server can be started; null when one can be started.</summary>
    public static string? Missing { get; } = FindCommand() is null
        ? "The server is not built: build src/ManagedNvmet.Server, or name a server in MANAGEDNVMET_SERVER."
        : null;

    /// <summary>TCP port on all addresses of the server.</summary>
    public int Port { get; }

    public string Nqn { get; }

    /// <summary>The output of all starts of the server.</summary>
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

    /// <summary>Number of established TCP connections of the server, from the kernel's tables. Each queue has one.</summary>
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

    /// <summary>Runs a verb of the command line against this server and asserts that it succeeds.</summary>
    /// <returns>The output of the verb.</returns>
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

    /// <summary>Kills the server (SIGKILL), which flushes nothing and notifies nobody.</summary>
    public async Task KillAsync()
    {
        var ended = _process!;
        Signals.Send(ended.Id, Signals.Kill);
        await ended.WaitForExitAsync();
        Append("--- end-to-end test: killed");
        Forget();
    }

    /// <summary>Stops the server (SIGTERM), as systemd does.</summary>
    /// <returns>Exit code of the server.</returns>
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

    /// <summary>The present end of the log, for <see cref="WaitForLogAsync"/>. </summary>
    public int LogMark => Log.Length;

    /// <summary>Waits until the log, from the position <paramref name="since"/> on, contains a match of the pattern.</summary>
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

    // A shell that kills the server when the test process ends for any reason: it then reads end of file from its pipe.
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

    // Chooses a port below the ephemeral range, so that no outgoing connection takes it while the server is down.
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
                // The port is in use; tries another one.
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
