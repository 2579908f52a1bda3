using System.CommandLine;
using System.Text.Json;

namespace ManagedNvmet.Plots;

/// <summary>Reads a folder of results, draws the plots and prints the table.</summary>
public sealed class PlotsCommandLine
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "Results that nvme-load --json has written (*.json)" };
    private readonly Option<string?> _output = new("--output") { Description = "Folder for the pictures (PNG); without it there are none", HelpName = "FOLDER" };
    private readonly Option<string?> _note = new("--note") { Description = "A line below each picture: the machine, the day", HelpName = "TEXT" };
    private readonly RootCommand _root;

    /// <summary>Ready to be invoked.</summary>
    public PlotsCommandLine()
    {
        _root = new RootCommand("Prints a table of load results (medians over rounds) and draws them: IOPS against queue depth and connections, processor time, latencies.")
        {
            _folder, _output, _note,
        };
        _root.SetAction(result =>
        {
            try
            {
                return Run(result.GetRequiredValue(_folder), result.GetValue(_output), result.GetValue(_note));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
            {
                Console.Error.WriteLine($"nvme-plots: {exception.Message}");
                return 2;
            }
        });
    }

    /// <summary>Parses and runs; the exit code.</summary>
    public Task<int> InvokeAsync(string[] arguments) => _root.Parse(arguments).InvokeAsync();

    private static int Run(string folder, string? output, string? note)
    {
        ResultSet results = ResultSet.Read(folder);
        if (results.Points.Count == 0)
        {
            Console.Error.WriteLine($"nvme-plots: there is no result (*.json) in {folder}; benchmarks/sweep.sh makes some.");
            return 2;
        }
        Console.Write(ResultSummary.Of(results));
        if (output is null)
            return 0;
        Directory.CreateDirectory(output);
        foreach (string file in new LoadPlots(results, note).Save(output))
            Console.WriteLine(file);
        return 0;
    }
}
