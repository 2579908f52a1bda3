using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using ManagedNvmet.Backends;
using ManagedNvmet.Backends.Kinds;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Server.Settings;
using ManagedNvmet.Server.Verbs;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Server;

/// <summary>The options of the server, and what a person reads about them.</summary>
internal sealed class ServerCommandLine
{
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
        Description =
            "Let this host connect, and no other but those that are named too (its name is in /etc/nvme/hostnqn there). Repeatable. "
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

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Change a setting, such as Connections:Max=1000; 'managed-nvmet settings' lists all. Repeatable",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string[]> _settingsFiles = new("--settings")
    {
        Description = $"Read settings from this JSON file, after {SettingReader.MachineFile}. Repeatable",
        HelpName = "FILE",
    };

    private readonly IReadOnlyList<SettingOption> _settings =
        [.. SettingTable.All.Where(setting => setting.Option is not null).Select(setting => new SettingOption(setting))];

    /// <param name="run">Runs the server with what was asked for; its result is the exit code.</param>
    public ServerCommandLine(Func<ServerArguments, CancellationToken, Task<int>> run)
    {
        Root = new RootCommand(
            "Serves disks over NVMe/TCP. Any stock Linux host connects with 'nvme connect'.\n\n"
            + "Without arguments it serves a sparse file of 1 GiB in your state folder, on 127.0.0.1:4420.")
        {
            _config, _namespaces, _create, _listen, _nqn, _serial, _readOnly, _allowHost, _allowAnyHost,
        };
        foreach (SettingOption setting in _settings)
            Root.Add(setting.Option);
        Root.Add(_set);
        Root.Add(_settingsFiles);
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

    // As in a configuration file: a name without the form of the specification is served with a warning.
    private static Nqn ParseNqn(string option, string text) => Nqn.TryRead(text, out Nqn? nqn)
        ? nqn
        : throw new UsageException($"{option} is '{text}', expected a name of 1 to {Nqn.MaxBytes} bytes without control characters, such "
            + "as nqn.2026-11.com.example:disk1.");

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
        var settings = new ServerSettings();
        IReadOnlyList<SettingReport> reports = SettingReader.Apply(Origins(result), settings);
        NvmetServerOptions options = settings.Server;
        options.StateFolder ??= NvmetServerOptions.DefaultStateFolder;
        options.IsReadOnly = result.GetValue(_readOnly);
        options.AllowsAnyHost = result.GetValue(_allowAnyHost);
        options.SerialNumber = ReadSerial(result);
        var arguments = new ServerArguments(options, settings.LogLevel, settings.ManagementOf(options.StateFolder, reports));
        if (result.GetValue(_nqn) is { } name)
            options.SubsystemNqn = ParseNqn("--nqn", name);
        foreach (string host in result.GetValue(_allowHost) ?? [])
            options.AllowedHosts.Add(ParseNqn("--allow-host", host));
        if (options.AllowsAnyHost && options.AllowedHosts.Count > 0)
            throw new UsageException("--allow-any-host and --allow-host are given together; give one of them.");
        if (result.GetValue(_config) is { } file)
        {
            options.ConfigurationPath = ReadConfigurationPath(result, file);
            return arguments;
        }
        bool isDefault = AddDisks(result, options);

        string[] addresses = result.GetValue(_listen) ?? [];
        IReadOnlyList<System.Net.IPEndPoint> endPoints = addresses.Length > 0 ? ListenAddresses.Parse(addresses)
            : isDefault ? ListenAddresses.Loopback
            : ListenAddresses.Everywhere;
        foreach (System.Net.IPEndPoint endPoint in endPoints)
            options.Listen.Add(endPoint);
        return arguments;
    }

    // The later ones override the earlier ones.
    private IEnumerable<SettingOrigin> Origins(ParseResult result)
    {
        foreach (string file in (IEnumerable<string>)[.. SettingReader.DefaultFiles, .. result.GetValue(_settingsFiles) ?? []])
        {
            foreach (SettingOrigin origin in SettingReader.ReadFile(file))
                yield return origin;
        }
        foreach (SettingOrigin origin in SettingReader.ReadEnvironment())
            yield return origin;
        foreach (SettingOrigin? origin in _settings.Select(setting => setting.Read(result)))
        {
            if (origin is not null)
                yield return origin;
        }
        foreach (string assignment in result.GetValue(_set) ?? [])
            yield return SettingReader.ReadAssignment(assignment);
    }

    // What the file says is not to be said twice, and differently.
    private string ReadConfigurationPath(ParseResult result, string file)
    {
        if (file.Length == 0)
            throw new UsageException("--config is empty, expected a file.");
        foreach (Option other in (Option[])[_namespaces, _create, _listen, _nqn, _serial, _readOnly, _allowHost, _allowAnyHost])
        {
            if (result.GetResult(other) is { Implicit: false })
                throw new UsageException(
                    $"--config and {other.Name} are given together; write what {other.Name} says into {OneLine(file)}.");
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
