using System.CommandLine;
using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison;

/// <summary>The options of the comparison, and what a person reads about them.</summary>
public sealed class CommandLine
{
    private readonly Option<int> _rounds = Count("--rounds", "Times that everything is measured", 3);
    private readonly Option<int> _seconds = Count("--seconds", "Seconds of one measurement, after one of warm-up", 3);
    private readonly Option<int> _steadySeconds = Count("--steady-seconds", "Seconds of the steady load of G6; its bar means 600", 20);
    private readonly Option<int> _idleSeconds = Count("--idle-seconds", "Seconds without a command, for G7", 10);
    private readonly Option<int> _spin = Number(
        "--spin",
        "MICROSECONDS",
        "How long our server looks for work before it sleeps, where the others poll; with 0 it sleeps, as by default",
        value: 50,
        least: 0);

    private readonly Option<bool> _quick = new("--quick") { Description = "Two rounds of one second: to see that it works, not to compare" };
    private readonly Option<string> _only = new("--only")
    {
        Description = $"Only these bars, separated by commas: {BarTable.Names}",
        HelpName = "BARS",
    };

    private readonly Option<string> _spdk = new("--spdk")
    {
        Description = "A built tree of SPDK (with build/bin) that takes part",
        HelpName = "DIR",
    };

    private readonly Option<string> _floor = new("--floor") { Description = "A bare NVMe/TCP server that takes part", HelpName = "BINARY" };
    private readonly Option<string> _device = new("--device")
    {
        Description = "A block device for G5. What is on it is lost",
        HelpName = "PATH",
    };

    private readonly Option<string> _client = new("--client")
    {
        Description = "The client of all NVMe/TCP servers: nvme-load, or spdk-perf out of the tree of --spdk",
        HelpName = "nvme-load|spdk-perf",
        DefaultValueFactory = _ => "nvme-load",
    };

    private readonly Option<string> _json = new("--json")
    {
        Description = "Write every sample and every line to this file",
        HelpName = "FILE",
    };

    private readonly Option<string> _server = new("--server")
    {
        Description = "Our server. compare.sh builds it and names it",
        HelpName = "BINARY",
        Required = true,
    };

    private readonly Option<string> _loadTool = new("--load-tool")
    {
        Description = "Our load generator. compare.sh builds it and names it",
        HelpName = "BINARY",
        Required = true,
    };

    /// <param name="run">Runs the comparison; its result is the exit code.</param>
    public CommandLine(Func<ComparisonOptions, CancellationToken, Task<int>> run)
    {
        _client.AcceptOnlyFromAmong("nvme-load", "spdk-perf");
        Root = new RootCommand(
            "Runs this server and others interleaved on the same cores and the same data, and prints which bars it meets.\n\n"
            + "Bars:\n" + string.Join('\n', BarTable.All.Select(bar => $"  {bar.Name,-4} {bar.Text}")))
        {
            _rounds, _seconds, _steadySeconds, _idleSeconds, _spin, _quick, _only, _spdk, _floor, _device, _client, _json, _server, _loadTool,
        };
        Root.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));
    }

    /// <summary>The command.</summary>
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
