using System.Diagnostics;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>A command that runs in the guest.</summary>
public sealed class RunningCommand
{
    private readonly StockHost host;
    private readonly string script;
    private readonly string outputPath;
    private readonly Task<int> exit;
    private readonly TimeSpan patience;
    private readonly Stopwatch clock = Stopwatch.StartNew();

    internal RunningCommand(StockHost host, string script, string outputPath, Task<int> exit, TimeSpan patience)
    {
        (this.host, this.script, this.outputPath, this.exit, this.patience) = (host, script, outputPath, exit, patience);
    }

    public bool IsCompleted => exit.IsCompleted;

    /// <summary>What it has written so far.</summary>
    public string Output => File.Exists(outputPath) ? File.ReadAllText(outputPath) : "";

    public async Task<CommandResult> WaitAsync()
    {
        try
        {
            var code = await exit.WaitAsync(patience);
            return new CommandResult(script, code, Output, clock.Elapsed);
        }
        catch (TimeoutException)
        {
            // The guest's own limit should have ended it; a process that even SIGKILL does not end waits for I/O.
            throw host.Died($"hangs: after {patience.TotalSeconds:F0} s no end of\n{script}\n--- output so far\n{Output}\n---");
        }
    }
}
