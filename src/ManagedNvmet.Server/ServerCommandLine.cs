using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using ManagedNvmet.Announcing;
using ManagedNvmet.Backends;
using ManagedNvmet.Backends.Kinds;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Server.Verbs;
using ManagedNvmet.Target.Subsystems;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Server;

/// <summary>The options of the server, and what a person reads about them.</summary>
internal sealed class ServerCommandLine
{
    private const int MaxShards = 64;
    private const int MaxSpinMicroseconds = ShardOptions.MaxSpinMicroseconds;
    private const string DefaultDiskName = "default.img";
    private const string DefaultDiskSize = "1GiB";

    private readonly Option<string[]> _namespaces = new("--namespace", "-n")
    {
        Description = $"A disk to serve: {BackendKinds.Default.Forms}; PATH is a block device, zvol or file. Options behind commas: ro, "
            + "block-size=512|4096, create=SIZE, buffered, force, uuid=UUID. Example: /dev/nvme0n1,ro. Repeatable",
        HelpName = "DISK",
    };

    private readonly Option<string> _create = new("--create")
    {
        Description = "Create the files of --namespace that do not exist, sparse, with this size (such as 10G)",
        HelpName = "SIZE",
    };

    private readonly Option<string[]> _listen = new("--listen", "-l")
    {
        Description = "Listen on this address; IPv6 in brackets. Repeatable. Default: 0.0.0.0:4420 and [::]:4420 with --namespace, "
            + "127.0.0.1:4420 without",
        HelpName = "ADDRESS[:PORT]",
    };

    private readonly Option<MdnsMode> _mdns = new("--mdns")
    {
        Description = "Announce the discovery service by multicast DNS (_nvme-disc._tcp), on networks where hosts may connect by themselves: "
            + "through the avahi daemon, by a responder of our own, or auto for the first that is there. Never for the loopback",
        DefaultValueFactory = _ => MdnsMode.Off,
        HelpName = string.Join('|', Enum.GetNames<MdnsMode>()),
        CustomParser = ReadName<MdnsMode>,
    };

    private readonly Option<string> _nqn = new("--nqn")
    {
        Description = "NVMe Qualified Name of the subsystem. Default: made once and kept",
        HelpName = "NQN",
    };

    private readonly Option<string> _serial = new("--serial")
    {
        Description = "Serial number of the subsystem, 1 to 20 characters. Default: made once and kept",
        HelpName = "TEXT",
    };

    private readonly Option<bool> _readOnly = new("--read-only") { Description = "Serve every disk read-only" };

    private readonly Option<string[]> _allowHost = new("--allow-host")
    {
        Description = "Let this host connect, and no other but those that are named too (its name is in /etc/nvme/hostnqn there). Repeatable. "
            + "Default: any host of this machine on the loopback, nobody elsewhere",
        HelpName = "NQN",
    };

    private readonly Option<bool> _allowAnyHost = new("--allow-any-host")
    {
        Description = "Let any host connect that reaches the port: it may read and write the disks",
    };

    private readonly Option<string> _config = new("--config", "-c")
    {
        Description = "Serve what this file says, in the shape that nvmetcli saves; changes of the file are carried out while hosts are "
            + "connected. See docs/reference/configuration.md. Not together with options that describe disks, addresses, names or hosts",
        HelpName = "FILE",
    };

    private readonly Option<string> _stateDirectory = new("--state-directory")
    {
        Description = "Where identities and the default disk are kept. Default: managed-nvmet in $XDG_STATE_HOME or ~/.local/state",
        HelpName = "FOLDER",
    };

    private readonly Option<int?> _shards = new("--shards")
    {
        Description = $"Threads that carry connections, 1 to {MaxShards}. Default: one a processor, at most 8",
        HelpName = "COUNT",
        CustomParser = ReadShards,
    };

    private readonly Option<int?> _spin = new("--spin")
    {
        Description = $"Microseconds at most that a shard looks for more work before it sleeps, 0 to {MaxSpinMicroseconds}: shorter answers "
            + "for a processor that is busy while there is load; it stops looking where work is rare. Default: 0",
        HelpName = "MICROSECONDS",
        CustomParser = ReadSpin,
    };

    private readonly Option<string?> _congestionControl = new("--congestion-control")
    {
        Description = "How the kernel paces what it sends to hosts: a name from /proc/sys/net/ipv4/tcp_available_congestion_control. Default: "
            + "the system's choice, but cubic instead of BBR for hosts that are nearer than a millisecond",
        HelpName = "NAME",
    };

    private readonly Option<double?> _rebalance = new("--rebalance")
    {
        Description = "Seconds between two looks at the load of the shards, 0.1 to 3600: where one is much busier than another, a connection "
            + "goes to that one, and its host sees a pause of a moment. 0 leaves connections where they were placed. Default: 1",
        HelpName = "SECONDS",
        CustomParser = ReadRebalance,
    };

    private readonly Option<DiskEngine> _diskEngine = new("--disk-engine")
    {
        Description = "How disks are read and written: io_uring, or worker threads where that is forbidden. Workers: no io_uring at all, for sockets either",
        DefaultValueFactory = _ => DiskEngine.Auto,
        HelpName = string.Join('|', Enum.GetNames<DiskEngine>()),
        CustomParser = ReadName<DiskEngine>,
    };

    private readonly Option<TransportEngine> _transport = new("--transport")
    {
        Description = "How the bytes of connections are carried: by system calls on the shards (epoll), or by the runtime's sockets "
            + "and pipes, which costs more processor time. Auto: epoll",
        DefaultValueFactory = _ => TransportEngine.Auto,
        HelpName = string.Join('|', Enum.GetNames<TransportEngine>()),
        CustomParser = ReadName<TransportEngine>,
    };

    private readonly Option<LogLevel> _logLevel = new("--log-level")
    {
        Description = $"The least that is logged: {string.Join(", ", Enum.GetNames<LogLevel>())}",
        DefaultValueFactory = _ => LogLevel.Information,
        HelpName = "LEVEL",
        CustomParser = ReadName<LogLevel>,
    };

    private readonly ManagementArguments _management = new();

    /// <param name="run">Runs the server with what was asked for; its result is the exit code.</param>
    public ServerCommandLine(Func<ServerArguments, CancellationToken, Task<int>> run)
    {
        Root = new RootCommand(
            "Serves disks over NVMe/TCP. Any stock Linux host connects with 'nvme connect'.\n\n"
            + "Without arguments it serves a sparse file of 1 GiB in your state folder, on 127.0.0.1:4420.")
        {
            _config, _namespaces, _create, _listen, _mdns, _nqn, _serial, _readOnly, _allowHost, _allowAnyHost, _stateDirectory, _shards, _spin, _rebalance,
            _congestionControl, _transport, _diskEngine, _logLevel,
        };
        foreach (Option option in _management.All)
            Root.Add(option);
        Root.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));

        // What the command does without a verb, for those who like to say it.
        var serve = new Command("serve", "Serves disks; the same as without a verb");
        foreach (Option option in Root.Options.Where(option => option is not (HelpOption or VersionOption)))
            serve.Add(option);
        serve.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));
        Root.Add(serve);
        foreach (Command verb in VerbTable.All())
            Root.Add(verb);
    }

    /// <summary>The command.</summary>
    public RootCommand Root { get; }

    /// <summary>Parses a command line. Options may stand before a verb, too.</summary>
    public ParseResult Parse(IReadOnlyList<string> arguments)
    {
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult result = Root.Parse(arguments, configuration);
        Command verb = result.CommandResult.Command;
        bool isBefore = result.RootCommandResult.Children.OfType<OptionResult>().Any(option => !option.Implicit)
            || result.UnmatchedTokens.Count > 0;
        if (verb == Root || !isBefore)
            return result;
        while (verb.Parents.OfType<Command>().FirstOrDefault(parent => parent != Root) is { } group)
            verb = group;
        int start = arguments.ToList().FindIndex(argument => argument == verb.Name);
        return start <= 0 ? result : Root.Parse([.. arguments.Skip(start), .. arguments.Take(start)], configuration);
    }

    /// <summary>The first thing that is wrong with the form of the command line, as a sentence; null when nothing is.</summary>
    public string? FaultOf(ParseResult result)
    {
        if (result.UnmatchedTokens is [{ } unknown, ..])
            return Unknown(unknown, result.CommandResult.Command);
        return result.Errors is [{ } error, ..] ? OneLine(error.Message) : null;
    }

    private static int? ReadShards(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MaxShards)
            return count;
        result.AddError($"--shards is '{text}', expected 1 to {MaxShards}.");
        return null;
    }

    private static int? ReadSpin(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int microseconds) && microseconds <= MaxSpinMicroseconds)
            return microseconds;
        result.AddError($"--spin is '{text}', expected 0 to {MaxSpinMicroseconds} microseconds.");
        return null;
    }

    private static double? ReadRebalance(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds is 0 or (>= 0.1 and <= 3600))
        {
            return seconds;
        }
        result.AddError($"--rebalance is '{text}', expected 0 (never), or 0.1 to 3600 seconds.");
        return null;
    }

    private static T ReadName<T>(ArgumentResult result)
        where T : struct, Enum
    {
        string text = result.Tokens[^1].Value;
        string[] names = Enum.GetNames<T>();
        if (Array.Find(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } found)
            return Enum.Parse<T>(found);
        string option = (result.Parent as OptionResult)?.Option.Name ?? "";
        string suggestion = Suggestion.Nearest(text, names) is { } nearest ? $" Did you mean {nearest}?" : "";
        result.AddError($"{option} is '{text}', expected one of {string.Join(", ", names)}.{suggestion}");
        return default;
    }

    // As in a configuration file: a name without the form of the specification is served with a warning.
    private static Nqn ParseNqn(string option, string text) => Nqn.TryRead(text, out Nqn? nqn)
        ? nqn
        : throw new UsageException($"{option} is '{text}', expected a name of 1 to {Nqn.MaxBytes} bytes without control characters, such as "
            + "nqn.2026-11.com.example:disk1.");

    private string Unknown(string argument, Command command)
    {
        if (!argument.StartsWith('-'))
        {
            string[] verbs = [.. command.Subcommands.Select(each => each.Name)];
            if (verbs.Length > 0 && Suggestion.Nearest(argument, verbs) is { } verb)
                return $"There is no verb '{argument}'. Did you mean {verb}?";
            return command == Root || command.Name == "serve"
                ? $"'{argument}' belongs to no option. A disk is given with --namespace {argument}."
                : $"'{argument}' is one argument too many for '{command.Name}'.";
        }
        string[] known = [.. command.Options.Select(option => option.Name)];
        string suggestion = Suggestion.Nearest(argument.Split('=')[0], known) is { } nearest ? $" Did you mean {nearest}?" : "";
        return $"There is no option '{argument}'.{suggestion}";
    }

    /// <exception cref="UsageException">An argument is wrong.</exception>
    private ServerArguments Read(ParseResult result)
    {
        var options = new NvmetServerOptions
        {
            IsReadOnly = result.GetValue(_readOnly),
            Mdns = result.GetValue(_mdns),
            AllowsAnyHost = result.GetValue(_allowAnyHost),
            StateFolder = result.GetValue(_stateDirectory) ?? NvmetServerOptions.DefaultStateFolder,
            SerialNumber = ReadSerial(result),
            Shard = new ShardOptions { Disk = result.GetValue(_diskEngine), SpinMicroseconds = result.GetValue(_spin) ?? 0 },
        };
        if (options.StateFolder.Length == 0)
            throw new UsageException("--state-directory is empty, expected a folder.");
        options.StateFolder = Path.GetFullPath(options.StateFolder);
        options.CongestionControl = result.GetValue(_congestionControl);
        options.Transport = result.GetValue(_transport);
        if (options.CongestionControl is { } pacing && CongestionControl.FaultOf(pacing) is { } fault)
            throw new UsageException($"--congestion-control: {fault}");
        if (result.GetValue(_shards) is { } count)
            options.ShardCount = count;
        if (result.GetValue(_rebalance) is { } seconds)
            options.RebalanceInterval = TimeSpan.FromSeconds(seconds);
        if (result.GetValue(_nqn) is { } name)
            options.SubsystemNqn = ParseNqn("--nqn", name);
        foreach (string host in result.GetValue(_allowHost) ?? [])
            options.AllowedHosts.Add(ParseNqn("--allow-host", host));
        if (options.AllowsAnyHost && options.AllowedHosts.Count > 0)
            throw new UsageException("--allow-any-host and --allow-host are given together; give one of them.");
        if (result.GetValue(_config) is { } file)
        {
            options.ConfigurationPath = ReadConfigurationPath(result, file);
            return new ServerArguments(options, result.GetValue(_logLevel), _management.Read(result, options.StateFolder));
        }
        bool isDefault = AddDisks(result, options);

        string[] addresses = result.GetValue(_listen) ?? [];
        IReadOnlyList<System.Net.IPEndPoint> endPoints = addresses.Length > 0 ? ListenAddresses.Parse(addresses)
            : isDefault ? ListenAddresses.Loopback
            : ListenAddresses.Everywhere;
        foreach (System.Net.IPEndPoint endPoint in endPoints)
            options.Listen.Add(endPoint);
        return new ServerArguments(options, result.GetValue(_logLevel), _management.Read(result, options.StateFolder));
    }

    // What the file says is not to be said twice, and differently.
    private string ReadConfigurationPath(ParseResult result, string file)
    {
        if (file.Length == 0)
            throw new UsageException("--config is empty, expected a file.");
        foreach (Option other in (Option[])[_namespaces, _create, _listen, _nqn, _serial, _readOnly, _allowHost, _allowAnyHost])
        {
            if (result.GetResult(other) is { Implicit: false })
                throw new UsageException($"--config and {other.Name} are given together; write what {other.Name} says into {OneLine(file)}.");
        }
        return Path.GetFullPath(file);
    }

    private string? ReadSerial(ParseResult result)
    {
        const int MaxLength = SubsystemOptions.MaxSerialNumberLength;
        string? text = result.GetValue(_serial);
        if (text is null)
            return null;
        bool isSound = !string.IsNullOrWhiteSpace(text) && text.Length <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
        return isSound
            ? text
            : throw new UsageException($"--serial is '{OneLine(text)}', expected 1 to {MaxLength} printable ASCII characters.");
    }

    private bool AddDisks(ParseResult result, NvmetServerOptions options)
    {
        string[] disks = result.GetValue(_namespaces) ?? [];
        string? size = result.GetValue(_create);
        if (size is not null && !(ByteSize.TryParse(size, out ulong bytes) && bytes > 0))
            throw new UsageException($"--create is '{size}', expected a size such as 512M, 10G or 1TiB.");
        bool isDefault = disks.Length == 0;
        if (isDefault)
        {
            string path = Path.Combine(options.StateFolder!, DefaultDiskName);
            disks = ["file:" + path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal)];
            size ??= DefaultDiskSize;
        }
        bool hasFile = false;
        foreach (string disk in disks)
        {
            hasFile |= Parse(disk).Kind.Options.Contains("create");
            options.Namespaces.Add(new NamespaceOptions { Specification = disk, CreateSize = size });
        }
        if (!hasFile && size is not null)
            throw new UsageException("--create is for files, and no --namespace is one; leave it out.");
        return isDefault;
    }

    private static NamespaceSpec Parse(string disk)
    {
        try
        {
            return NamespaceSpec.Parse(disk);
        }
        catch (BackendException exception)
        {
            throw new UsageException($"--namespace: {OneLine(exception.Message)}");
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
