using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Mono.Unix.Native;

namespace ManagedNvmet.Comparison;

/// <summary>A program that this one started on one processor, and ends again by its process id.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int MaxKeptOutput = 4 * 1024 * 1024;
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(5);

    // Starts them all: a program that asks to be ended with its parent, as nbdkit does, is ended with the thread that started it, and those of
    // the thread pool come and go.
    private static readonly BlockingCollection<Task<Process?>> Starts = [];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _reading;

    static ChildProcess() => new Thread(RunStarts) { IsBackground = true, Name = "starts programs" }.Start();

    private ChildProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(CollectAsync(process.StandardOutput, _output), CollectAsync(process.StandardError, _errors));
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its exit code; 128 and the number of the signal where one ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The end of what it said, for a message: of its standard error, if there is any.</summary>
    public string LastWords
    {
        get
        {
            string text = TextOf(_errors).Trim();
            if (text.Length == 0)
                text = TextOf(_output).Trim();
            return text.Length == 0 ? "it said nothing" : text.Length <= 400 ? text : "…" + text[^400..];
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="core">The processor it is bound to; null leaves it free.</param>
    /// <param name="libraries">Folders of shared libraries that it needs, or null.</param>
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

    /// <summary>Runs a program to its end and gives its standard output.</summary>
    /// <exception cref="ComparisonException">It did not end with 0.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, int? core, CancellationToken cancellationToken)
    {
        await using ChildProcess child = Start(program, arguments, core);
        return await child.WaitAsync(cancellationToken);
    }

    /// <summary>Waits for its end and gives its standard output.</summary>
    /// <exception cref="ComparisonException">It did not end with 0.</exception>
    public async Task<string> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _reading;
        if (_process.ExitCode != 0)
            throw new ComparisonException($"{_process.StartInfo.ArgumentList[2]} ended with {_process.ExitCode}: {LastWords}");
        return TextOf(_output);
    }

    /// <summary>Holds it: it uses no processor until <see cref="Resume"/>.</summary>
    public void Pause() => _ = Syscall.kill(Id, Signum.SIGSTOP);

    /// <summary>Lets it go on.</summary>
    public void Resume() => _ = Syscall.kill(Id, Signum.SIGCONT);

    /// <summary>Asks it to end, and ends it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Resume();
            _ = Syscall.kill(Id, Signum.SIGTERM);
            using var patience = new CancellationTokenSource(PatienceAtTheEnd);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
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
                if (text.Length < MaxKeptOutput)
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
