using System.CommandLine;
using ManagedNvmet.Comparison;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Results;

const double QuietLoad = 0.5;

var commandLine = new CommandLine(CompareAsync);
var configuration = new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,

    // Gives the servers time to end after Ctrl-C.
    ProcessTerminationTimeout = TimeSpan.FromMinutes(1),
};
try
{
    return await commandLine.Root.Parse(args).InvokeAsync(configuration);
}
catch (ComparisonException exception)
{
    Console.Error.WriteLine($"nvme-compare: {exception.Message}");
    return 2;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("nvme-compare: interrupted; the servers have ended and the files are deleted");
    return 130;
}

static async Task<int> CompareAsync(ComparisonOptions options, CancellationToken cancellationToken)
{
    string[] unknown = [.. options.Only.Where(name => !BarTable.All.Any(bar => Is(bar, name)))];
    if (unknown.Length > 0)
        throw new ComparisonException($"--only has '{unknown[0]}', expected some of {BarTable.Names}.");
    List<Bar> bars = [.. BarTable.All.Where(bar => options.Only.Count == 0 || options.Only.Any(name => Is(bar, name)))];

    double before = Machine.LoadAverage();
    Console.Error.WriteLine($"Load average before: {before:0.00}, {Environment.ProcessorCount} processors.");
    if (before > QuietLoad)
    {
        Console.Error.WriteLine(
            $"Warning: a load average above {QuietLoad} means that other programs are running, or have just ended. Figures will be lower "
            + "and ratios less precise; wait if you can.");
    }
    Machine.KeepToClientCore();
    IReadOnlyDictionary<Bar, Ledger> ledgers = await new ComparisonRun(options).MeasureAsync(bars, cancellationToken);

    Verdict[] verdicts = [.. bars.SelectMany(bar => bar.Criteria.Select(criterion => ledgers[bar].Judge(bar, criterion)))];
    VerdictTable.Write(verdicts);
    string client = options.Client == ClientKind.NvmeLoad ? "nvme-load" : "SPDK's perf";
    Console.WriteLine(
        $"""
        {VerdictTable.Summary(verdicts)}.
        Rounds: {options.Rounds}, {options.Seconds} s per load. Load average before: {before:0.00}, after: {Machine.LoadAverage():0.00}.
        Server on processor {Machine.ServerCore}, client on {Machine.ClientCore}.
        A ratio is our value divided by theirs in the same round; shown are the median, minimum and maximum of the rounds.
        CPU time is that of all threads of the server, from the kernel. For servers that poll (SPDK, the floor, and ours where it
        spins), only the share of polls that found work counts, from their own counters.
        Clients: {client} for NVMe/TCP; iscsi-perf for tgt (mean latency is depth ÷ IOPS); fio's nbd engine for qemu-nbd and nbdkit.
        """);
    if (options.Json is not null)
        ResultFile.Write(options.Json, options, ledgers, verdicts);
    return 0;
}

static bool Is(Bar bar, string name) => bar.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
