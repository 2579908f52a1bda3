using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Mono.Unix.Native;

namespace ManagedNvmet.Comparison;

/// <summary>A child process, which runs on one processor. Disposal ends it.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int MaxKeptOutputChars = 4 * 1024 * 1024;
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(5);

    // One thread starts all processes and never ends. The kernel sends the parent-death signal, which nbdkit requests, when the thread that
    // started the process ends, and threads of the thread pool end at any time.
    private static readonly BlockingCollection<Task<Process?>> Starts = [];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _reading;

    static ChildProcess() => new Thread(RunStarts) { IsBackground = true, Name = "process starter" }.Start();

    private ChildProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(CollectAsync(process.StandardOutput, _output), CollectAsync(process.StandardError, _errors));
    }

    /// <summary>Process ID.</summary>
    public int Id => _process.Id;

    /// <summary>True when the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Exit code; 128 plus the signal number when a signal ended the process.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last 400 characters of standard error, or of standard output when standard error is empty. For error
    /// messages.</summary>
    public string OutputTail
    {
        get
        {
            string text = TextOf(_errors).Trim();
            if (text.Length == 0)
                text = TextOf(_output).Trim();
            return text.Length == 0 ? "it wrote no output" : text.Length <= 400 ? text : "…" + text[^400..];
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">Name or path of the program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="core">Processor on which it runs; null for all processors.</param>
    /// <param name="libraries">Folders of shared libraries, separated by colons, or null.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, int? core, string? libraries = null)
    {
        var start = new ProcessStartInfo("taskset")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(core is { } number ? $"{number}" : $"0-{Environment.ProcessorCount - 1}");
        start.ArgumentList.Add(program);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        if (libraries is not null)
            start.Environment["LD_LIBRARY_PATH"] = libraries;
        var starting = new Task<Process?>(() => Process.Start(start));
        Starts.Add(starting);
        Process process = starting.GetAwaiter().GetResult() ?? throw new ComparisonException($"{program} could not be started.");
        process.StandardInput.Close();
        return new ChildProcess(process);
    }

    /// <summary>Runs a program until it ends and returns its standard output.</summary>
    /// <exception cref="ComparisonException">Its exit code is not 0.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, int? core, CancellationToken cancellationToken)
    {
        await using ChildProcess child = Start(program, arguments, core);
        return await child.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until the process ends and returns its standard output.</summary>
    /// <exception cref="ComparisonException">Its exit code is not 0.</exception>
    public async Task<string> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _reading;
        if (_process.ExitCode != 0)
            throw new ComparisonException($"{_process.StartInfo.ArgumentList[2]} ended with exit code {_process.ExitCode}: {OutputTail}");
        return TextOf(_output);
    }

    /// <summary>Stops the process (SIGSTOP), so that it uses no CPU time until <see cref="Resume"/>.</summary>
    public void Pause() => _ = Syscall.kill(Id, Signum.SIGSTOP);

    /// <summary>Continues the process (SIGCONT).</summary>
    public void Resume() => _ = Syscall.kill(Id, Signum.SIGCONT);

    /// <summary>Sends SIGTERM, and kills the process when it has not ended after 5 s.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Resume();
            _ = Syscall.kill(Id, Signum.SIGTERM);
            using var timeout = new CancellationTokenSource(TerminationTimeout);
            try
            {
                await _process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }
        _process.Dispose();
    }

    private static void RunStarts()
    {
        foreach (Task<Process?> start in Starts.GetConsumingEnumerable())
            start.RunSynchronously(TaskScheduler.Default);
    }

    private static async Task CollectAsync(StreamReader reader, StringBuilder text)
    {
        char[] buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and int count)
        {
            lock (text)
            {
                if (text.Length < MaxKeptOutputChars)
                    text.Append(buffer, 0, count);
            }
        }
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
