using System.CommandLine;
using System.Text.Json;

namespace ManagedNvmet.Plots;

/// <summary>Command line of nvme-plots: reads a folder of results, prints a table and draws the plots.</summary>
public sealed class PlotsCommandLine
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "Folder with results of nvme-load --json (*.json)" };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "Folder for the plots (PNG). Default: draw none",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _note = new("--note")
    {
        Description = "Text below each plot, such as the machine and the date",
        HelpName = "TEXT",
    };

    private readonly RootCommand _root;

    /// <summary>Creates the command line.</summary>
    public PlotsCommandLine()
    {
        _root = new RootCommand("Prints a table of load results (medians of the rounds) and draws plots of them: IOPS by queue depth and "
            + "by connections, CPU time, and latencies.")
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

    /// <summary>Parses the arguments and runs the command. Returns the exit code.</summary>
    public Task<int> InvokeAsync(string[] arguments) => _root.Parse(arguments).InvokeAsync();

    private static int Run(string folder, string? output, string? note)
    {
        ResultSet results = ResultSet.Read(folder);
        if (results.Points.Count == 0)
        {
            Console.Error.WriteLine($"nvme-plots: {folder} contains no result (*.json); run benchmarks/sweep.sh to produce some.");
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
