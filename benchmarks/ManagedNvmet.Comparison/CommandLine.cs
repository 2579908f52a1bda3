using System.CommandLine;
using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison;

/// <summary>Command line of nvme-compare: options, help text and validation.</summary>
public sealed class CommandLine
{
    private readonly Option<int> _rounds = Count("--rounds", "Number of rounds; each measures everything once", 3);
    private readonly Option<int> _seconds = Count("--seconds", "Duration of one measurement, after one second of warm-up", 3);
    private readonly Option<int> _steadySeconds = Count("--steady-seconds", "Duration of the load of G6; the bar is meant for 600", 20);
    private readonly Option<int> _idleSeconds = Count("--idle-seconds", "Duration without a command, for G7", 10);
    private readonly Option<int> _spin = Number(
        "--spin",
        "MICROSECONDS",
        "How long this server polls before it sleeps, where the others poll; 0 lets it sleep at once, as by default",
        value: 50,
        least: 0);

    private readonly Option<bool> _quick = new("--quick") { Description = "Two rounds of one second, to check that everything works" };
    private readonly Option<string> _only = new("--only")
    {
        Description = $"Measure only these bars, separated by commas: {BarTable.Names}",
        HelpName = "BARS",
    };

    private readonly Option<string> _spdk = new("--spdk")
    {
        Description = "Include SPDK from this built source tree (with build/bin)",
        HelpName = "DIR",
    };

    private readonly Option<string> _floor = new("--floor") { Description = "Include this minimal NVMe/TCP server", HelpName = "BINARY" };
    private readonly Option<string> _device = new("--device")
    {
        Description = "Block device for G5. Its content is lost",
        HelpName = "PATH",
    };

    private readonly Option<string> _client = new("--client")
    {
        Description = "Client for all NVMe/TCP servers: nvme-load, or spdk-perf from the tree of --spdk",
        HelpName = "nvme-load|spdk-perf",
        DefaultValueFactory = _ => "nvme-load",
    };

    private readonly Option<string> _json = new("--json")
    {
        Description = "Write all samples and all rows of the table to this file",
        HelpName = "FILE",
    };

    private readonly Option<string> _server = new("--server")
    {
        Description = "This repository's server; compare.sh builds it and passes it",
        HelpName = "BINARY",
        Required = true,
    };

    private readonly Option<string> _loadTool = new("--load-tool")
    {
        Description = "This repository's load generator; compare.sh builds it and passes it",
        HelpName = "BINARY",
        Required = true,
    };

    /// <param name="run">Runs the comparison and returns the exit code.</param>
    public CommandLine(Func<ComparisonOptions, CancellationToken, Task<int>> run)
    {
        _client.AcceptOnlyFromAmong("nvme-load", "spdk-perf");
        Root = new RootCommand(
            "Measures this server and others in turn on the same cores and the same data, and prints which bars it meets.\n\n"
            + "Bars:\n" + string.Join('\n', BarTable.All.Select(bar => $"  {bar.Name,-4} {bar.Text}")))
        {
            _rounds, _seconds, _steadySeconds, _idleSeconds, _spin, _quick, _only, _spdk, _floor, _device, _client, _json, _server,
            _loadTool,
        };
        Root.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));
    }

    /// <summary>The root command.</summary>
    public RootCommand Root { get; }

    private ComparisonOptions Read(ParseResult result)
    {
        bool isQuick = result.GetValue(_quick);
        return new ComparisonOptions
        {
            Rounds = isQuick ? 2 : result.GetValue(_rounds),
            Seconds = isQuick ? 1 : result.GetValue(_seconds),
            SteadySeconds = isQuick ? 5 : result.GetValue(_steadySeconds),
            IdleSeconds = isQuick ? 3 : result.GetValue(_idleSeconds),
            SpinMicroseconds = result.GetValue(_spin),
            Only = (result.GetValue(_only) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            SpdkTree = result.GetValue(_spdk),
            Floor = Existing("--floor", result.GetValue(_floor)),
            Device = Existing("--device", result.GetValue(_device)),
            Client = result.GetValue(_client) == "spdk-perf" ? ClientKind.SpdkPerf : ClientKind.NvmeLoad,
            Json = result.GetValue(_json),
            Server = Path.GetFullPath(Existing("--server", result.GetRequiredValue(_server))!),
            LoadTool = Path.GetFullPath(Existing("--load-tool", result.GetRequiredValue(_loadTool))!),
        };
    }

    private static string? Existing(string option, string? path) =>
        path is null || File.Exists(path) ? path : throw new ComparisonException($"{option} is '{path}', which does not exist.");

    private static Option<int> Count(string name, string description, int value) => Number(name, "COUNT", description, value, least: 1);

    private static Option<int> Number(string name, string helpName, string description, int value, int least)
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int>() < least)
                result.AddError($"{name} is '{result.Tokens[0].Value}', expected {least} or more.");
        });
        return option;
    }
}
