using System.CommandLine;
using System.CommandLine.Parsing;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Command line of nvme-load: options, help text and validation.</summary>
public sealed class LoadCommandLine
{
    /// <summary>Exit code when the command line is invalid or the load could not begin.</summary>
    public const int UsageExitCode = 2;

    private readonly Argument<string> _address = new("ADDRESS")
    {
        Description = "Address of the target: 192.0.2.7:4420, [2001:db8::7]:4420 or name:4420. Default port: 4420",
    };

    private readonly Argument<string> _nqn = new("NQN") { Description = "NQN of the subsystem, as 'nvme discover' prints it" };

    private readonly Option<int> _size = new("--size")
    {
        Description = "Size of a command: 4096, 4k, 128k, 1M",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 4096,
        CustomParser = ReadTransferSize,
    };

    private readonly Option<int> _depth = Number("--depth", "COUNT", "Outstanding commands per queue; with --rate, their maximum", 32);
    private readonly Option<int> _queues = Number("--queues", "COUNT", "I/O queues, each with a TCP connection", 1);
    private readonly Option<int> _readPercent = Number("--read-percent", "0-100", "Percentage of reads; the others are writes", 100);

    private readonly Option<string> _pattern = new("--pattern")
    {
        Description = "Addresses: random over the whole range, or sequential, with a part of the range for each queue",
        HelpName = "random|sequential",
        DefaultValueFactory = _ => "random",
    };

    private readonly Option<double?> _rate = new("--rate")
    {
        Description = "Open loop: starts this many commands per second over all queues, evenly spaced. The latency of a command counts "
            + "from its scheduled time, so that it includes stalls. Default: closed loop, in which each completion starts the next command",
        HelpName = "IOPS",
    };

    private readonly Option<double> _seconds = Number("--seconds", "SECONDS", "Duration of the measurement", 5.0);
    private readonly Option<double> _warmUp = Number("--warm-up", "SECONDS", "Duration of the load before the measurement", 1.0);
    private readonly Option<uint> _namespaceId = Number("--namespace", "NSID", "Namespace", 1u);

    private readonly Option<ulong?> _range = new("--range")
    {
        Description = "Use only this many bytes from the start of the namespace (such as 1G). Default: the whole namespace",
        HelpName = "BYTES",
        CustomParser = ReadRange,
    };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Check the data: each written block carries its address, a generation and the seed. Reads are checked, and after the "
            + "load all written blocks are read again. With 100 % reads, check the blocks that an earlier run with this --seed wrote",
    };

    private readonly Option<bool> _headerDigest = new("--header-digest") { Description = "Request header digests (CRC32C)" };
    private readonly Option<bool> _dataDigest = new("--data-digest") { Description = "Request data digests (CRC32C)" };
    private readonly Option<int> _shards = Number("--shards", "COUNT", "Threads of this tool; the queues are distributed over them", 1);
    private readonly Option<bool> _spin = new("--spin") { Description = "Poll instead of sleeping: lower latency, but uses whole cores" };

    private readonly Option<int?> _serverPid = new("--server-pid")
    {
        Description = "Report the CPU time per command of this process, which runs on this machine",
        HelpName = "PID",
    };

    private readonly Option<string> _json = new("--json")
    {
        Description = "Write the result as JSON to this file; - writes it to standard output instead of the table",
        HelpName = "FILE",
    };

    private readonly Option<string> _label = new("--label")
    {
        Description = "Name of this target in the JSON and in plots",
        HelpName = "TEXT",
    };

    private readonly Option<bool> _quiet = new("--quiet") { Description = "Write no progress to standard error" };
    private readonly Option<int> _seed = Number("--seed", "NUMBER", "Seed of the random addresses and of the marks of --verify", 1);

    private readonly Option<string> _hostNqn = new("--host-nqn")
    {
        Description = "Connect with this host NQN, for targets that admit only known hosts",
        HelpName = "NQN",
    };

    private readonly RootCommand _root;

    /// <param name="run">Runs the load and returns the exit code.</param>
    public LoadCommandLine(Func<LoadArguments, CancellationToken, Task<int>> run)
    {
        _root = new RootCommand(
            "Loads a namespace of any NVMe/TCP target and prints IOPS, latencies and CPU time.\n\n"
            + "WARNING: with --read-percent below 100 it OVERWRITES the namespace. Use a disk without data.\n\n"
            + "Examples:\n"
            + "  nvme-load 192.0.2.7 nqn.2014-08.org.nvmexpress:uuid:… --depth 32\n"
            + "  nvme-load [::1]:4420 NQN --size 128k --pattern sequential --queues 4 --seconds 30 --json result.json\n"
            + "  nvme-load 192.0.2.7 NQN --rate 50000 --read-percent 70 --depth 256\n"
            + "  nvme-load 192.0.2.7 NQN --read-percent 50 --verify --range 1G\n\n"
            + "Exit code: 0; 1 when a command failed, a block was wrong or a connection was lost; 2 when the load could not begin.\n"
            + "Ctrl-C ends the load and prints the result so far.")
        {
            _address, _nqn, _size, _depth, _queues, _readPercent, _pattern, _rate, _seconds, _warmUp, _namespaceId, _range, _verify,
            _headerDigest, _dataDigest, _shards, _spin, _serverPid, _json, _label, _quiet, _seed, _hostNqn,
        };
        _root.SetAction(async (result, cancellationToken) =>
        {
            try
            {
                return await run(Read(result), cancellationToken).ConfigureAwait(false);
            }
            catch (UsageException exception)
            {
                await Console.Error.WriteLineAsync($"nvme-load: {exception.Message}").ConfigureAwait(false);
                return UsageExitCode;
            }
        });
    }

    /// <summary>Parses the arguments and runs the load. Returns the exit code.</summary>
    public async Task<int> InvokeAsync(string[] arguments)
    {
        ParseResult result = _root.Parse(arguments);
        if (result.Errors is [{ } error, ..])
        {
            await Console.Error.WriteLineAsync($"nvme-load: {error.Message}\nnvme-load --help lists the options.").ConfigureAwait(false);
            return UsageExitCode;
        }

        // Gives the outstanding commands time to complete after Ctrl-C, so that the result can be printed.
        var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
        return await result.InvokeAsync(configuration).ConfigureAwait(false);
    }

    /// <summary>Parses and validates the arguments.</summary>
    /// <exception cref="UsageException">An argument is invalid.</exception>
    public LoadArguments Parse(string[] arguments)
    {
        ParseResult result = _root.Parse(arguments);
        return result.Errors is [{ } error, ..] ? throw new UsageException(error.Message) : Read(result);
    }

    private static Option<T> Number<T>(string name, string helpName, string description, T value) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => value,
    };

    private static int ReadTransferSize(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (SizeText.TryParse(text, out ulong bytes) && bytes <= LoadArguments.MaxTransferBytes)
            return (int)bytes;
        result.AddError($"--size is '{text}', expected bytes up to 16M, such as 4096, 4k or 128k.");
        return 0;
    }

    private static ulong? ReadRange(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (SizeText.TryParse(text, out ulong bytes))
            return bytes;
        result.AddError($"--range is '{text}', expected a size such as 512M or 10G.");
        return null;
    }

    private static Nqn ParseNqn(string name, string text) => Nqn.TryParse(text, out Nqn? parsed)
        ? parsed
        : throw new UsageException($"{name} is '{text}', expected an NVMe Qualified Name such as nqn.2014-08.org.nvmexpress:uuid:….");

    private LoadArguments Read(ParseResult result)
    {
        string order = result.GetValue(_pattern) ?? "";
        bool isSequential = order.Equals("sequential", StringComparison.OrdinalIgnoreCase);
        if (!isSequential && !order.Equals("random", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--pattern is '{order}', expected random or sequential.");
        var arguments = new LoadArguments
        {
            Target = TargetAddress.Parse(result.GetRequiredValue(_address)),
            SubsystemNqn = ParseNqn("The subsystem", result.GetRequiredValue(_nqn)),
            HostNqn = result.GetValue(_hostNqn) is { } host ? ParseNqn("--host-nqn", host) : null,
            NamespaceId = result.GetValue(_namespaceId),
            TransferBytes = result.GetValue(_size),
            QueueDepth = result.GetValue(_depth),
            Queues = result.GetValue(_queues),
            ReadPercent = result.GetValue(_readPercent),
            IsSequential = isSequential,
            Rate = result.GetValue(_rate),
            Seconds = result.GetValue(_seconds),
            WarmUpSeconds = result.GetValue(_warmUp),
            RangeBytes = result.GetValue(_range),
            Verify = result.GetValue(_verify),
            HeaderDigest = result.GetValue(_headerDigest),
            DataDigest = result.GetValue(_dataDigest),
            Shards = result.GetValue(_shards),
            Spin = result.GetValue(_spin),
            ServerPid = result.GetValue(_serverPid),
            JsonPath = result.GetValue(_json),
            Label = result.GetValue(_label),
            Quiet = result.GetValue(_quiet),
            Seed = result.GetValue(_seed),
        };
        string[] faults = [.. arguments.Faults()];
        return faults.Length == 0 ? arguments : throw new UsageException(string.Join(Environment.NewLine + "nvme-load: ", faults));
    }
}
