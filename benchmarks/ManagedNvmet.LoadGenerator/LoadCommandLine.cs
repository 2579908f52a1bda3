using System.CommandLine;
using System.CommandLine.Parsing;

namespace ManagedNvmet.LoadGenerator;

/// <summary>The options of the tool, and what a person reads about them.</summary>
public sealed class LoadCommandLine
{
    /// <summary>Exit code when the command line is wrong or the target cannot do what was asked for.</summary>
    public const int UsageExitCode = 2;

    private readonly Argument<string> _address = new("ADDRESS")
    {
        Description = "The target: 192.0.2.7:4420, [2001:db8::7]:4420 or name:4420; the port may be left out",
    };

    private readonly Argument<string> _nqn = new("NQN") { Description = "The subsystem's NQN, as 'nvme discover' prints it" };

    private readonly Option<int> _size = new("--size")
    {
        Description = "Bytes of a command: 4096, 4k, 128k, 1M",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 4096,
        CustomParser = ReadTransferSize,
    };

    private readonly Option<int> _depth = Number("--depth", "COUNT", "Commands in flight on each queue; with --rate the most there may be", 32);
    private readonly Option<int> _queues = Number("--queues", "COUNT", "I/O queues, each a TCP connection", 1);
    private readonly Option<int> _readPercent = Number("--read-percent", "0-100", "Reads of 100 commands; the others are writes", 100);

    private readonly Option<string> _pattern = new("--pattern")
    {
        Description = "Addresses: random over the whole range, or sequential, where each queue has a part of its own",
        HelpName = "random|sequential",
        DefaultValueFactory = _ => "random",
    };

    private readonly Option<double?> _rate = new("--rate")
    {
        Description = "Open loop: start this many commands a second over all queues, evenly spaced, and count latency from the moment each was "
            + "due, so that a stall shows in full. Default: closed loop, the next starts when one ends",
        HelpName = "IOPS",
    };

    private readonly Option<double> _seconds = Number("--seconds", "SECONDS", "Time that is measured", 5.0);
    private readonly Option<double> _warmUp = Number("--warm-up", "SECONDS", "Load before that, which is not measured", 1.0);
    private readonly Option<uint> _namespaceId = Number("--namespace", "NSID", "Namespace", 1u);

    private readonly Option<ulong?> _range = new("--range")
    {
        Description = "Use only this much from the start of the namespace (such as 1G). Default: all of it",
        HelpName = "BYTES",
        CustomParser = ReadRange,
    };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Every block that is written carries its address, a generation and the seed; reads are checked, and after the load all "
            + "that was written is read once more. With 100 % reads: check what an earlier run with this --seed wrote",
    };

    private readonly Option<bool> _headerDigest = new("--header-digest") { Description = "Ask for header digests (CRC32C)" };
    private readonly Option<bool> _dataDigest = new("--data-digest") { Description = "Ask for data digests (CRC32C)" };
    private readonly Option<int> _shards = Number("--shards", "COUNT", "Threads of this tool; the queues are dealt out to them", 1);
    private readonly Option<bool> _spin = new("--spin") { Description = "Poll instead of sleeping: lower latency for a whole core of this machine" };

    private readonly Option<int?> _serverPid = new("--server-pid")
    {
        Description = "Tell the processor time that this process of this machine uses for a command",
        HelpName = "PID",
    };

    private readonly Option<string> _json = new("--json")
    {
        Description = "Write the result as JSON to this file; - for standard output, in place of the table",
        HelpName = "FILE",
    };

    private readonly Option<string> _label = new("--label") { Description = "A name for this target in the JSON and in plots", HelpName = "TEXT" };
    private readonly Option<bool> _quiet = new("--quiet") { Description = "No progress on standard error" };
    private readonly Option<int> _seed = Number("--seed", "NUMBER", "Seed of the addresses and of the marks of --verify", 1);

    private readonly Option<string> _hostNqn = new("--host-nqn")
    {
        Description = "Connect as this host, for targets that admit only hosts they know",
        HelpName = "NQN",
    };

    private readonly RootCommand _root;

    /// <param name="run">Runs the load; its result is the exit code.</param>
    public LoadCommandLine(Func<LoadArguments, CancellationToken, Task<int>> run)
    {
        _root = new RootCommand(
            "Loads a namespace of any NVMe/TCP target and tells what came of it: IOPS, latencies, processor time.\n\n"
            + "WARNING: with --read-percent below 100 it WRITES over the namespace. Point it at a disk that holds nothing.\n\n"
            + "Examples:\n"
            + "  nvme-load 192.0.2.7 nqn.2014-08.org.nvmexpress:uuid:… --depth 32\n"
            + "  nvme-load [::1]:4420 NQN --size 128k --pattern sequential --queues 4 --seconds 30 --json result.json\n"
            + "  nvme-load 192.0.2.7 NQN --rate 50000 --read-percent 70 --depth 256\n"
            + "  nvme-load 192.0.2.7 NQN --read-percent 50 --verify --range 1G\n\n"
            + "Exit code: 0; 1 when a command failed, a block was wrong or a connection was lost; 2 when the load could not begin.\n"
            + "Ctrl-C ends the load and prints what was measured so far.")
        {
            _address, _nqn, _size, _depth, _queues, _readPercent, _pattern, _rate, _seconds, _warmUp, _namespaceId, _range, _verify, _headerDigest, _dataDigest,
            _shards, _spin, _serverPid, _json, _label, _quiet, _seed, _hostNqn,
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

    /// <summary>Parses and runs; the exit code.</summary>
    public async Task<int> InvokeAsync(string[] arguments)
    {
        ParseResult result = _root.Parse(arguments);
        if (result.Errors is [{ } error, ..])
        {
            await Console.Error.WriteLineAsync($"nvme-load: {error.Message}\nnvme-load --help lists the options.").ConfigureAwait(false);
            return UsageExitCode;
        }

        // After Ctrl-C the commands in flight come to their end and the table is printed.
        return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) }).ConfigureAwait(false);
    }

    /// <summary>What the arguments say, or the first thing that is wrong with them.</summary>
    /// <exception cref="UsageException">Something is wrong.</exception>
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

    private static Nqn ParseNqn(string what, string text) => Nqn.TryParse(text, out Nqn? parsed)
        ? parsed
        : throw new UsageException($"{what} is '{text}', expected an NVMe Qualified Name such as nqn.2014-08.org.nvmexpress:uuid:….");

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
