using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace ManagedNvmet.Server.Tests;

/// <summary>Runs the server in a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // Timeout of all waits. It is long because the machine may be busy; a passing test waits much less.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly string _folder;
    private readonly string[] _arguments;
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    public ServerProcess(string folder, string[] arguments)
    {
        _folder = folder;
        _arguments = arguments;
    }

    public static string Binary { get; } = System.Environment.GetEnvironmentVariable("MANAGEDNVMET_SERVER") is { Length: > 0 } named
        ? named
        : Path.Combine(AppContext.BaseDirectory, "managed-nvmet");

    /// <summary>Environment variables that are added to those of the tests. An empty value removes the variable.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Command that is placed before the server's command, which it must execute.</summary>
    public string[] Wrapper { get; init; } = [];

    /// <summary>Called on the thread that starts the process. The process inherits the thread's attributes, such as a seccomp
    /// filter.</summary>
    public Action? OnThread { get; init; }

    /// <summary>False to leave the output of the server unread.</summary>
    public bool ReadsOutput { get; init; } = true;

    public int Id => _process!.Id;

    public string Output => TextOf(_output);

    public string Error => TextOf(_error);

    public bool HasExited => _process!.HasExited;

    public Process Process => _process!;

    /// <summary>The first address on which the server listens.</summary>
    public IPEndPoint EndPoint => EndPoints[0];

    public IPEndPoint[] EndPoints =>
        [.. Value("listening").Split(", ").Select(IPEndPoint.Parse)];

    public string SubsystemNqn => Value("subsystem");

    /// <summary>Starts the process and waits until it has printed its summary.</summary>
    public async Task StartAsync()
    {
        Launch();
        await WaitForOutputAsync("nvme connect .*\n\n");
    }

    /// <summary>Starts the process.</summary>
    public void Launch()
    {
        // Restores the default signal handlers. The tests may run with ignored signals, for example under nohup, and child processes
        // inherit that.
        string[] command = ["env", "--default-signal=HUP,INT", .. Wrapper, Binary, .. _arguments];
        var information = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C" },
        };
        foreach (string inherited in (string[])["NOTIFY_SOCKET", "INVOCATION_ID", "SYSTEMD_EXEC_PID", "JOURNAL_STREAM"])
            information.Environment.Remove(inherited);
        foreach ((string name, string value) in Environment)
            information.Environment[name] = value;
        if (OnThread is null)
        {
            _process = Process.Start(information)!;
        }
        else
        {
            var thread = new Thread(() =>
            {
                OnThread();
                _process = Process.Start(information)!;
            });
            thread.Start();
            thread.Join();
        }
        _reading = Task.WhenAll(
            ReadsOutput ? ReadAsync(_process!.StandardOutput, _output) : Task.CompletedTask,
            ReadAsync(_process!.StandardError, _error));
    }

    /// <summary>Sends a signal and waits until the process ends.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> StopAsync(int signal = Signals.Terminate)
    {
        Signals.Send(Id, signal);
        return WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process!.WaitForExitAsync(patience.Token);
            await _reading.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The server did not end:\n{Output}\n{Error}");
        }
        return _process!.ExitCode;
    }

    /// <summary>Waits until the standard output contains a match of the pattern.</summary>
    public async Task<Match> WaitForOutputAsync(string pattern)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Match match = Regex.Match(Output, pattern);
            if (match.Success)
                return match;
            bool isOver = HasExited && _reading.IsCompleted;
            Assert.False(isOver || clock.Elapsed > Patience, $"No '{pattern}' in:\n{Output}\n{Error}");
            await Task.Delay(10);
        }
    }

    /// <summary>Returns the number of output lines that contain a text.</summary>
    public int LineCount(string text) => Output.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder text)
    {
        char[] buffer = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            lock (text)
                text.Append(buffer, 0, count);
        }
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    private string Value(string label)
    {
        Match match = Regex.Match(Output, $"^  {label} +(.+)$", RegexOptions.Multiline);
        Assert.True(match.Success, $"No '{label}' in:\n{Output}");
        return match.Groups[1].Value;
    }
}
