using System.Diagnostics;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>A running command in the guest.</summary>
public sealed class RunningCommand
{
    private readonly StockHost _host;
    private readonly string _script;
    private readonly string _outputPath;
    private readonly Task<int> _exit;
    private readonly TimeSpan _patience;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    internal RunningCommand(StockHost host, string script, string outputPath, Task<int> exit, TimeSpan patience)
    {
        (_host, _script, _outputPath, _exit, _patience) = (host, script, outputPath, exit, patience);
    }

    public bool IsCompleted => _exit.IsCompleted;

    /// <summary>The output so far.</summary>
    public string Output => File.Exists(_outputPath) ? File.ReadAllText(_outputPath) : "";

    public async Task<CommandResult> WaitAsync()
    {
        try
        {
            var code = await _exit.WaitAsync(_patience);
            return new CommandResult(_script, code, Output, _clock.Elapsed);
        }
        catch (TimeoutException)
        {
            // The time limit in the guest should have ended the command. A process that survives even SIGKILL hangs in I/O.
            throw _host.Died($"hangs: after {_patience.TotalSeconds:F0} s no end of\n{_script}\n--- output so far\n{Output}\n---");
        }
    }
}
