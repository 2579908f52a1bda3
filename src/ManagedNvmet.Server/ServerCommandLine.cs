using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Server;

/// <summary>The options of the server, and what a person reads about them.</summary>
internal sealed class ServerCommandLine
{
    private const int DefaultPort = 4420;
    private const string DefaultDiskName = "default.img";
    private const string DefaultDiskSize = "1GiB";

    private readonly Option<string[]> namespaces = new("--namespace", "-n")
    {
        Description = "A disk to serve: PATH of a block device, zvol or file, mem:SIZE, or null:SIZE. Options behind commas: ro, "
            + "block-size=512|4096, create=SIZE, buffered, force, uuid=UUID. Example: /dev/nvme0n1,ro. Repeatable",
        HelpName = "DISK",
    };

    private readonly Option<string> create = new("--create")
    {
        Description = "Create the files of --namespace that do not exist, sparse, with this size (such as 10G)",
        HelpName = "SIZE",
    };

    private readonly Option<string[]> listen = new("--listen", "-l")
    {
        Description = "Listen on this address; IPv6 in brackets. Repeatable. Default: 0.0.0.0:4420 and [::]:4420 with --namespace, "
            + "127.0.0.1:4420 without",
        HelpName = "ADDRESS[:PORT]",
    };

    private readonly Option<string> nqn = new("--nqn")
    {
        Description = "NVMe Qualified Name of the subsystem. Default: made once and kept",
        HelpName = "NQN",
    };

    private readonly Option<string> serial = new("--serial")
    {
        Description = "Serial number of the subsystem, 1 to 20 characters. Default: made once and kept",
        HelpName = "TEXT",
    };

    private readonly Option<bool> readOnly = new("--read-only") { Description = "Serve every disk read-only" };

    private readonly Option<string[]> allowHost = new("--allow-host")
    {
        Description = "Let only this host connect (its name is in /etc/nvme/hostnqn there). Repeatable. Default: any host",
        HelpName = "NQN",
    };

    private readonly Option<string> stateDirectory = new("--state-directory")
    {
        Description = "Where identities and the default disk are kept. Default: managed-nvmet in $XDG_STATE_HOME or ~/.local/state",
        HelpName = "FOLDER",
    };

    private readonly Option<int?> shards = new("--shards")
    {
        Description = "Threads that carry connections, 1 to 64. Default: one a processor, at most 8",
        HelpName = "COUNT",
    };

    private readonly Option<Io.DiskEngine> diskEngine = new("--disk-engine")
    {
        Description = "How disks are read and written: io_uring, or worker threads where that is forbidden",
        DefaultValueFactory = _ => Io.DiskEngine.Auto,
    };

    private readonly Option<LogLevel> logLevel = new("--log-level")
    {
        Description = "Trace, Debug, Information, Warning, Error, Critical or None",
        DefaultValueFactory = _ => LogLevel.Information,
        HelpName = "LEVEL",
    };

    /// <param name="run">Runs the server with what was asked for; its result is the exit code.</param>
    public ServerCommandLine(Func<ServerArguments, CancellationToken, Task<int>> run)
    {
        Root = new RootCommand(
            "Serves disks over NVMe/TCP. Any stock Linux host connects with 'nvme connect'.\n\n"
            + "Without arguments it serves a sparse file of 1 GiB in your state folder, on 127.0.0.1:4420.")
        {
            namespaces, create, listen, nqn, serial, readOnly, allowHost, stateDirectory, shards, diskEngine, logLevel,
        };
        Root.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));
    }

    /// <summary>The command.</summary>
    public RootCommand Root { get; }

    /// <exception cref="StartupException">An argument is wrong.</exception>
    private ServerArguments Read(ParseResult result)
    {
        var options = new NvmetServerOptions
        {
            IsReadOnly = result.GetValue(readOnly),
            StateFolder = result.GetValue(stateDirectory) ?? NvmetServerOptions.DefaultStateFolder,
            SerialNumber = result.GetValue(serial),
            Shard = new Io.ShardOptions { Disk = result.GetValue(diskEngine) },
        };
        if (result.GetValue(shards) is { } count)
            options.ShardCount = count is >= 1 and <= 64 ? count : throw new StartupException($"--shards is {count}, expected 1 to 64.");
        if (result.GetValue(nqn) is { } name)
            options.SubsystemNqn = ParseNqn("--nqn", name);
        foreach (string host in result.GetValue(allowHost) ?? [])
            options.AllowedHosts.Add(ParseNqn("--allow-host", host));

        string[] disks = result.GetValue(namespaces) ?? [];
        bool isDefault = disks.Length == 0;
        string? size = result.GetValue(create);
        if (isDefault)
        {
            string path = Path.Combine(options.StateFolder, DefaultDiskName).Replace(",", "\\,", StringComparison.Ordinal);
            disks = [path];
            size ??= DefaultDiskSize;
        }
        foreach (string disk in disks)
            options.Namespaces.Add(new NamespaceOptions { Specification = disk, CreateSize = size });

        string[] addresses = result.GetValue(listen) ?? [];
        if (addresses.Length == 0)
            addresses = isDefault ? [$"127.0.0.1:{DefaultPort}"] : [$"0.0.0.0:{DefaultPort}", $"[::]:{DefaultPort}"];
        foreach (string address in addresses)
            options.Listen.Add(ParseEndPoint(address));
        return new ServerArguments(options, result.GetValue(logLevel));
    }

    private static Nqn ParseNqn(string option, string text)
    {
        try
        {
            return Nqn.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new StartupException($"{option}: {exception.Message}.", exception);
        }
    }

    private static IPEndPoint ParseEndPoint(string text)
    {
        // IPEndPoint.TryParse takes "::1" for an address without a port and "1234" for 0.0.4.210, which nobody means.
        bool looksLikeAddress = text.Contains('.', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal);
        if (!looksLikeAddress || !IPEndPoint.TryParse(text, out IPEndPoint? endPoint))
        {
            throw new StartupException(
                $"--listen: '{text}' is no address. Expected an address and a port, such as 192.0.2.7:4420, 0.0.0.0:4420 or [::]:4420.");
        }
        bool hasPort = text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.AsSpan().Count(':') == 1;
        if (!hasPort)
            endPoint.Port = DefaultPort;
        return endPoint;
    }
}
