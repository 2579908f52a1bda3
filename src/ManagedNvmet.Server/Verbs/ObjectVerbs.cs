using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The verbs that add, remove and set one namespace, subsystem, host or port. Each is one change of the configuration, applied
/// as a
/// whole; the server checks it.</summary>
internal static class ObjectVerbs
{
    private const string Settings = "Attributes by their names in the configuration: NAME=VALUE, NAME= to leave it out, NAME+=VALUE and NAME-=VALUE for lists";

    public static IEnumerable<Command> All() => [Namespace(), Subsystem(), Host(), Port()];

    private static Command Namespace()
    {
        static Argument<string> NqnOf() => new("subsystem") { Description = "NQN of its subsystem" };
        static Argument<string> Number() => new("nsid") { Description = "Its number" };

        Argument<string> of = NqnOf();
        var device = new Argument<string>("disk") { Description = "A disk as with --namespace: PATH, mem:SIZE or null:SIZE, options behind commas" };
        var number = new Option<uint?>("--nsid") { Description = "Its number. Default: the next free one", HelpName = "NUMBER" };
        Command add = Change("add", "Adds a disk to a subsystem; its hosts see it at once", [of, device], [number], (result, document,
            settings) =>
        {
            JsonArray list = NamespacesOf(document, result.GetValue(of)!);
            uint free = 1;
            while (ConfigurationEditor.Has(list, "nsid", Text(free)))
                free++;
            uint wanted = result.GetValue(number) ?? free;
            if (ConfigurationEditor.Has(list, "nsid", Text(wanted)))
                throw new VerbException(ExitCode.Failed, $"Namespace {wanted} is there already; 'namespace set' changes it.");
            JsonObject made = NamespaceOf(result.GetValue(device)!, wanted);
            ConfigurationEditor.Set(made, settings);
            list.Add((JsonNode)made);
        });

        Argument<string> from = NqnOf();
        Argument<string> gone = Number();
        Command remove = Change("remove", "Removes a disk from a subsystem; commands for it fail", [from, gone], [], (result, document,
            _) =>
        {
            JsonArray list = NamespacesOf(document, result.GetValue(from)!);
            list.Remove(ConfigurationEditor.Find(list, "nsid", result.GetValue(gone)!, "namespace"));
        }, hasSettings: false);

        Argument<string> at = NqnOf();
        Argument<string> changed = Number();
        Command set = Change("set", "Changes a namespace, such as read_only=true or enable=0", [at, changed], [], (result, document,
            settings) =>
            ConfigurationEditor.Set(
                ConfigurationEditor.Find(NamespacesOf(document, result.GetValue(at)!), "nsid", result.GetValue(changed)!, "namespace"),
                    settings));
        return new Command("namespace", "Adds, removes or changes a namespace") { add, remove, set };
    }

    private static Command Subsystem()
    {
        static Argument<string> Name() => new("nqn") { Description = "Its NQN" };

        Argument<string> made = Name();
        var anyHost = new Option<bool>("--allow-any-host") { Description = "Let every host connect that reaches a port of it" };
        var ports = new Option<string[]>("--port")
        {
            Description = "Number of a port to export it on. Repeatable. Default: every port",
            HelpName = "ID",
        };
        Command add = Change("add", "Adds a subsystem and exports it", [made], [anyHost, ports], (result, document, settings) =>
        {
            string name = result.GetValue(made)!;
            JsonArray list = ConfigurationEditor.List(document, "subsystems");
            if (ConfigurationEditor.Has(list, "nqn", name))
                throw new VerbException(ExitCode.Failed, $"Subsystem {name} is there already; 'subsystem set' changes it.");
            var subsystem = new JsonObject
            {
                ["nqn"] = name,
                ["attr"] = new JsonObject { ["allow_any_host"] = result.GetValue(anyHost) ? "1" : "0" },
                ["allowed_hosts"] = new JsonArray(),
                ["namespaces"] = new JsonArray(),
            };
            ConfigurationEditor.Set(subsystem, settings);
            list.Add((JsonNode)subsystem);
            JsonArray all = ConfigurationEditor.List(document, "ports");
            IEnumerable<JsonNode?> wanted = result.GetValue(ports) is { Length: > 0 } named
                ? named.Select(id => (JsonNode?)ConfigurationEditor.Find(all, "portid", id, "port"))
                : all;
            foreach (JsonNode? port in wanted)
                ConfigurationEditor.Set(port!.AsObject(), [$"subsystems+={name}"]);
        });

        Argument<string> gone = Name();
        Command remove = Change("remove", "Removes a subsystem and ends the sessions of its hosts", [gone], [], (result, document, _) =>
        {
            string name = result.GetValue(gone)!;
            JsonArray list = ConfigurationEditor.List(document, "subsystems");
            list.Remove(ConfigurationEditor.Find(list, "nqn", name, "subsystem"));
            foreach (JsonNode? port in ConfigurationEditor.List(document, "ports"))
                ConfigurationEditor.TakeOut(port!.AsObject(), "subsystems", name);
        }, hasSettings: false);

        Argument<string> changed = Name();
        Command set = Change("set", "Changes a subsystem, such as allow_any_host=0 or allowed_hosts+=NQN", [changed], [], (result,
            document, settings) =>
            ConfigurationEditor.Set(SubsystemOf(document, result.GetValue(changed)!), settings));
        return new Command("subsystem", "Adds, removes or changes a subsystem") { add, remove, set };
    }

    private static Command Host()
    {
        static Argument<string> Name() => new("nqn") { Description = "Its NQN (in /etc/nvme/hostnqn there)" };

        Argument<string> made = Name();
        var subsystems = new Option<string[]>("--subsystem") { Description = "Allow it on this subsystem. Repeatable", HelpName = "NQN" };
        Command add = Change("add", "Adds a host, and allows it on subsystems", [made], [subsystems], (result, document, settings) =>
        {
            string name = result.GetValue(made)!;
            JsonArray list = ConfigurationEditor.List(document, "hosts");
            if (!ConfigurationEditor.Has(list, "nqn", name))
                list.Add((JsonNode)new JsonObject { ["nqn"] = name });
            ConfigurationEditor.Set(ConfigurationEditor.Find(list, "nqn", name, "host"), settings);
            foreach (string subsystem in result.GetValue(subsystems) ?? [])
                ConfigurationEditor.Set(SubsystemOf(document, subsystem), [$"allowed_hosts+={name}"]);
        });

        Argument<string> gone = Name();
        Command remove = Change("remove", "Removes a host everywhere and ends its sessions", [gone], [], (result, document, _) =>
        {
            string name = result.GetValue(gone)!;
            JsonArray list = ConfigurationEditor.List(document, "hosts");

            // A host may be allowed without an entry of its own.
            if (!TakeOutOfSubsystems(document, name) || ConfigurationEditor.Has(list, "nqn", name))
                list.Remove(ConfigurationEditor.Find(list, "nqn", name, "host"));
        }, hasSettings: false);

        Argument<string> changed = Name();
        Command set = Change("set", "Changes a host, such as source_networks+=192.0.2.0/24", [changed], [], (result, document, settings) =>
            ConfigurationEditor.Set(
                ConfigurationEditor.Find(ConfigurationEditor.List(document, "hosts"), "nqn", result.GetValue(changed)!, "host"), settings));
        return new Command("host", "Adds, removes or changes a host") { add, remove, set };
    }

    // A namespace that this host alone was to see is seen by nobody then: its list stays, and is empty.
    private static bool TakeOutOfSubsystems(JsonObject document, string host)
    {
        bool isThere = false;
        foreach (JsonNode? subsystem in ConfigurationEditor.List(document, "subsystems"))
        {
            isThere |= ConfigurationEditor.TakeOut(subsystem!.AsObject(), "allowed_hosts", host);
            foreach (JsonNode? each in ConfigurationEditor.List(subsystem!.AsObject(), "namespaces"))
            {
                foreach (string name in new[] { "visible_to", "read_only_for", "qos_by_host" })
                    isThere |= ConfigurationEditor.TakeOut(each!.AsObject(), name, host);
            }
        }
        return isThere;
    }

    private static Command Port()
    {
        static Argument<string> Number() => new("id") { Description = "Its number" };

        var address = new Argument<string>("address") { Description = "ADDRESS[:PORT], IPv6 in brackets" };
        var number = new Option<ushort?>("--id") { Description = "Its number. Default: the next free one", HelpName = "NUMBER" };
        var subsystems = new Option<string[]>("--subsystem")
        {
            Description = "Export this subsystem. Repeatable. Default: all",
            HelpName = "NQN",
        };
        Command add = Change("add", "Listens on an address and exports subsystems there", [address], [number, subsystems], (result,
            document, settings) =>
        {
            IPEndPoint endPoint = ListenAddresses.Parse([result.GetValue(address)!])[0];
            JsonArray list = ConfigurationEditor.List(document, "ports");
            uint free = 1;
            while (ConfigurationEditor.Has(list, "portid", Text(free)))
                free++;
            uint wanted = result.GetValue(number) ?? free;
            if (ConfigurationEditor.Has(list, "portid", Text(wanted)))
                throw new VerbException(ExitCode.Failed, $"Port {wanted} is there already; 'port set' changes it.");
            JsonArray all = ConfigurationEditor.List(document, "subsystems");
            string[] exported = result.GetValue(subsystems) is { Length: > 0 } named ? named : [.. all.Select(each =>
                each!["nqn"]!.ToString())];
            var port = new JsonObject
            {
                ["portid"] = wanted,
                ["addr"] = new JsonObject
                {
                    ["adrfam"] = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4",
                    ["traddr"] = endPoint.Address.ToString(),
                    ["trsvcid"] = endPoint.Port.ToString(CultureInfo.InvariantCulture),
                    ["trtype"] = "tcp",
                },
                ["subsystems"] = new JsonArray([.. exported.Select(each => (JsonNode)each)]),
            };
            ConfigurationEditor.Set(port, settings);
            list.Add((JsonNode)port);
        });

        Argument<string> gone = Number();
        Command remove = Change("remove", "Stops listening on a port and ends the sessions that came by it", [gone], [], (result, document,
            _) =>
        {
            JsonArray list = ConfigurationEditor.List(document, "ports");
            list.Remove(ConfigurationEditor.Find(list, "portid", result.GetValue(gone)!, "port"));
        }, hasSettings: false);

        Argument<string> changed = Number();
        Command set = Change("set", "Changes a port, such as subsystems+=NQN or max_connections=64", [changed], [], (result, document,
            settings) =>
            ConfigurationEditor.Set(
                ConfigurationEditor.Find(ConfigurationEditor.List(document, "ports"), "portid", result.GetValue(changed)!, "port"),
                    settings));
        return new Command("port", "Adds, removes or changes a port") { add, remove, set };
    }

    private static Command Change(
        string name,
        string description,
        Argument[] arguments,
        Option[] options,
        Action<ParseResult, JsonObject, IReadOnlyList<string>> change,
        bool hasSettings = true)
    {
        var settings = new Argument<string[]>("settings") { Description = Settings, Arity = ArgumentArity.ZeroOrMore };
        Command verb = Verb.Create(name, description, call =>
            ConfigurationEditor.EditAsync(call, document => change(call.Result, document, hasSettings
                ? call.Result.GetValue(settings) ?? [] : [])));
        foreach (Argument argument in arguments)
            verb.Add(argument);
        if (hasSettings)
            verb.Add(settings);
        foreach (Option option in options)
            verb.Add(option);
        return verb;
    }

    private static JsonObject SubsystemOf(JsonObject document, string nqn) =>
        ConfigurationEditor.Find(ConfigurationEditor.List(document, "subsystems"), "nqn", nqn, "subsystem");

    private static JsonArray NamespacesOf(JsonObject document, string nqn) => ConfigurationEditor.List(SubsystemOf(document, nqn),
        "namespaces");

    private static JsonObject NamespaceOf(string text, uint id)
    {
        NamespaceSpec spec;
        try
        {
            spec = NamespaceSpec.Parse(text);
        }
        catch (BackendException exception)
        {
            throw new VerbException(ExitCode.Usage, exception.Message);
        }
        bool isFile = spec.Kind == NamespaceKind.File;

        // The server's working folder is another one.
        var device = new JsonObject { ["path"] = isFile ? Path.GetFullPath(spec.Path) : text.Split(',')[0] };
        if (spec.Uuid is { } uuid)
            device["uuid"] = uuid.ToString();
        var own = new JsonObject();
        if (spec.IsReadOnly)
            own["read_only"] = true;
        if (spec.BlockSize is { } blockSize)
            own["block_size"] = blockSize;
        if (spec.IsBuffered)
            own["buffered"] = true;
        if (spec.IsForced)
            own["force"] = true;
        if (spec.CreateBytes is { } create)
            own["create"] = create;
        var made = new JsonObject { ["nsid"] = id, ["enable"] = 1, ["device"] = device };
        if (own.Count > 0)
            made["managed_nvmet"] = own;
        return made;
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
