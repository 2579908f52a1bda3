using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>Imports the configuration of SPDK's target from the output of its method save_config: a list of calls, each of which adds to a
/// configuration here. A warning with its line names everything that is not taken over.</summary>
public sealed class SpdkImporter
{
    private const int DefaultNvmePort = 4420;

    private readonly ReadContext _context = new();
    private readonly Dictionary<string, JsonObject> _disks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _subsystems = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _ports = new(StringComparer.Ordinal);
    private readonly JsonArray _referrals = [];
    private readonly List<(JsonNode Made, JsonTree Call)> _origins = [];

    private SpdkImporter()
    {
    }

    /// <summary>Reads the output of save_config. The problems name everything that cannot be taken over, with its line.</summary>
    public static ConfigurationReading Parse(ReadOnlySpan<byte> json, ConfigurationRules? rules = null)
    {
        var importer = new SpdkImporter();
        JsonTree tree;
        try
        {
            tree = JsonTree.Parse(json, importer._context.Problems);
        }
        catch (JsonException)
        {
            // The reader of configurations reports the error with its line.
            return ConfigurationFile.Parse(json, rules);
        }
        if (tree.Find("subsystems") is not { Kind: JsonValueKind.Array } parts
            || !parts.Items.Exists(part => part.Find("config") is not null))
        {
            importer._context.Error(tree, "it has no \"subsystems\" with \"config\" in them, which save_config of SPDK writes.");
            return new ConfigurationReading { Problems = importer._context.Problems.ToConfigurationList() };
        }
        foreach (JsonTree part in parts.Items)
            importer.ReadPart(part);
        return importer.Finish(rules);
    }

    private static string Text(JsonTree? parameters, string name) => parameters?.Find(name)?.Text ?? "";

    private void ReadPart(JsonTree part)
    {
        string name = Text(part, "subsystem");
        JsonTree[] methods = [.. (part.Find("config")?.Items ?? []).Select(call => call.Find("method")).OfType<JsonTree>()];
        if (methods.Length == 0)
            return;
        if (name is not ("bdev" or "nvmf" or ""))
        {
            _context.Warning(part, $"the part \"{name}\" is not taken over: it configures SPDK's own process.");
            return;
        }
        foreach (JsonTree call in part.Find("config")!.Items)
        {
            if (call.Find("method") is { } method)
                Import(method, call.Find("params"));
        }
    }

    private void Import(JsonTree method, JsonTree? parameters)
    {
        string name = SpdkCalls.CurrentName(method.Text);
        foreach (string ignored in SpdkCalls.IgnoredParameters(name, parameters))
            _context.Warning(method, $"the parameter {ignored} of {method.Text}{NameOf(parameters)} is not taken over.");
        switch (name)
        {
            case "bdev_malloc_create":
                AddDisk(parameters, $"mem:{Bytes(parameters)}", Text(parameters, "block_size"));
                break;
            case "bdev_null_create":
                AddDisk(parameters, $"null:{Bytes(parameters)}", Text(parameters, "block_size"));
                break;
            case "bdev_aio_create" or "bdev_uring_create":
                AddDisk(parameters, Text(parameters, "filename"), Text(parameters, "block_size"));
                break;
            case "bdev_set_qos_limit":
                Limit(method, parameters);
                break;
            case "nvmf_create_subsystem":
                AddSubsystem(method, parameters);
                break;
            case "nvmf_subsystem_allow_any_host":
                if (FindSubsystem(method, parameters) is { } opened)
                    opened["attr"]!["allow_any_host"] =
                        IsTrue(parameters, "disable") || Text(parameters, "allow_any_host") == "false" ? "0" : "1";
                break;
            case "nvmf_subsystem_add_host":
                AddHost(method, parameters);
                break;
            case "nvmf_subsystem_add_ns":
                AddNamespace(method, parameters);
                break;
            case "nvmf_ns_add_host" or "nvmf_ns_visible":
                AddViewer(method, parameters);
                break;
            case "nvmf_subsystem_add_listener":
                AddListener(method, parameters);
                break;
            case "nvmf_discovery_add_referral":
                AddReferral(parameters);
                break;
            case "nvmf_subsystem_listener_set_ana_state":
                _context.Warning(method, "the ANA state of a listener of one subsystem is not taken over.",
                    "States belong to ports here: set ana_groups of the port.");
                break;
            case { } other when other.StartsWith("bdev_", StringComparison.Ordinal) && Text(parameters, "name").Length != 0
                && !other.EndsWith("_options", StringComparison.Ordinal):
                _context.Warning(method, $"\"{Text(parameters, "name")}\" is made by {other}, which there is nothing for here.",
                    "Serve the block device or file below it.");
                break;
            default:
                _context.Warning(method, $"the call {method.Text}{NameOf(parameters)} is not taken over.");
                break;
        }
    }

    private static string NameOf(JsonTree? parameters) =>
        new[] { "name", "nqn" }.Select(key => Text(parameters, key)).FirstOrDefault(text => text.Length != 0) is { } name
            ? $" for {name}"
            : "";

    private static bool IsTrue(JsonTree? parameters, string name) => Text(parameters, name) == "true";

    private JsonObject? FindSubsystem(JsonTree method, JsonTree? parameters)
    {
        string nqn = Text(parameters, "nqn");
        if (_subsystems.TryGetValue(nqn, out JsonObject? subsystem))
            return subsystem;
        _context.Warning(method, $"the call {method.Text} is left out: the file creates no subsystem {nqn} before it.");
        return null;
    }

    private static string Bytes(JsonTree? parameters)
    {
        _ = ulong.TryParse(Text(parameters, "num_blocks"), CultureInfo.InvariantCulture, out ulong blocks);
        _ = ulong.TryParse(Text(parameters, "block_size"), CultureInfo.InvariantCulture, out ulong size);
        return (blocks * size).ToString(CultureInfo.InvariantCulture);
    }

    private void AddDisk(JsonTree? parameters, string device, string blockSize)
    {
        var own = new JsonObject();
        if (blockSize.Length != 0 && blockSize != "0")
            own["block_size"] = blockSize;
        if (Text(parameters, "readonly") == "true")
            own["read_only"] = true;
        var disk = new JsonObject { ["path"] = device };
        if (Text(parameters, "uuid") is { Length: > 0 } uuid)
            disk["uuid"] = uuid;
        _disks[Text(parameters, "name")] = new JsonObject { ["device"] = disk, ["own"] = own };
    }

    private void Limit(JsonTree method, JsonTree? parameters)
    {
        if (!_disks.TryGetValue(Text(parameters, "name"), out JsonObject? disk))
        {
            _context.Warning(method, $"the limits of \"{Text(parameters, "name")}\" are not taken over: there is no such disk here.");
            return;
        }
        var limits = new JsonObject();
        foreach ((string theirs, string ours, long unit) in ((string, string, long)[])
            [
                ("rw_ios_per_sec", "total_iops", 1), ("rw_mbytes_per_sec", "total_bytes", 1_048_576),
                ("r_mbytes_per_sec", "read_bytes", 1_048_576), ("w_mbytes_per_sec", "write_bytes", 1_048_576),
            ])
        {
            if (long.TryParse(Text(parameters, theirs), CultureInfo.InvariantCulture, out long value) && value is > 0 and < 1L << 40)
                limits[ours] = value * unit;
        }
        if (limits.Count != 0)
            ((JsonObject)disk["own"]!)["qos"] = limits;
    }

    private void AddSubsystem(JsonTree method, JsonTree? parameters)
    {
        string nqn = Text(parameters, "nqn");
        var attributes = new JsonObject { ["allow_any_host"] = Text(parameters, "allow_any_host") == "true" ? "1" : "0" };
        foreach ((string theirs, string ours) in ((string, string)[])
            [("serial_number", "serial"), ("model_number", "model"), ("min_cntlid", "cntlid_min"), ("max_cntlid", "cntlid_max")])
        {
            if (Text(parameters, theirs) is { Length: > 0 } value)
                attributes[ours] = value;
        }
        _subsystems[nqn] = new JsonObject
        {
            ["nqn"] = nqn,
            ["attr"] = attributes,
            ["allowed_hosts"] = new JsonArray(),
            ["namespaces"] = new JsonArray(),
        };
        _origins.Add((_subsystems[nqn], method));
    }

    private void AddHost(JsonTree method, JsonTree? parameters)
    {
        if (FindSubsystem(method, parameters) is not { } subsystem)
            return;
        string host = Text(parameters, "host");
        ((JsonArray)subsystem["allowed_hosts"]!).Add((JsonNode)host);
        if (_hosts.TryAdd(host, new JsonObject { ["nqn"] = host }))
            _origins.Add((_hosts[host], method));
        foreach (string key in (string[])["psk", "dhchap_key", "dhchap_ctrlr_key"])
        {
            // The file names keys of a key ring; the keys are elsewhere. Without its key the host is not let in.
            if (Text(parameters, key) is not { Length: > 0 } name)
                continue;
            _hosts[host][ConfigurationJson.OwnGroup] = new JsonObject { ["key"] = name };
            _context.Warning(method, $"the {key} \"{name}\" of {host} is a name in SPDK's key ring; the key itself is not taken over.",
                $"Write it into {SecretsFile.FileName} under that name.");
        }
    }

    private void AddNamespace(JsonTree method, JsonTree? parameters)
    {
        JsonTree? given = parameters?.Find("namespace");
        if (FindSubsystem(method, parameters) is not { } subsystem)
            return;
        if (!_disks.TryGetValue(Text(given, "bdev_name"), out JsonObject? disk))
        {
            _context.Warning(method, $"namespace {Text(given, "nsid")} of {Text(parameters, "nqn")} is left out: its disk "
                + $"\"{Text(given, "bdev_name")}\" is of no kind that is known here.", "Serve the block device or file below it.");
            return;
        }
        var namespaces = (JsonArray)subsystem["namespaces"]!;
        string id = Text(given, "nsid") is { Length: > 0 } wanted ? wanted : NextId(namespaces);
        var device = (JsonObject)disk["device"]!.DeepClone();
        var own = (JsonObject)disk["own"]!.DeepClone();
        foreach (string identity in (string[])["uuid", "nguid"])
        {
            if (Text(given, identity) is { Length: > 0 } value)
                device[identity] = value;
        }
        if (Text(given, "eui64") is { Length: > 0 } eui64)
            own["eui64"] = eui64;
        if (Text(given, "no_auto_visible") == "true")
            own["visible_to"] = new JsonArray();
        var added = new JsonObject { ["nsid"] = id, ["enable"] = 1, ["device"] = device, [ConfigurationJson.OwnGroup] = own };
        if (Text(given, "anagrpid") is { Length: > 0 } group)
        {
            // SPDK's default group is the NSID. Its states are not taken over, so every group is optimized here.
            if (uint.TryParse(group, CultureInfo.InvariantCulture, out uint number) && number > ConfigurationTables.MaxAnaGroup)
            {
                _context.Warning(method, $"the ANA group {group} of namespace {id} of {Text(parameters, "nqn")} is above "
                    + $"{ConfigurationTables.MaxAnaGroup}; the namespace is put into group 1.");
            }
            else
            {
                added["ana_grpid"] = group;
            }
        }
        namespaces.Add((JsonNode)added);
        _origins.Add((added, method));
    }

    private static string NextId(JsonArray namespaces)
    {
        var used = namespaces.Select(each => (string?)each!["nsid"]).ToHashSet();
        int next = 1;
        while (used.Contains(next.ToString(CultureInfo.InvariantCulture)))
            next++;
        return next.ToString(CultureInfo.InvariantCulture);
    }

    private void AddViewer(JsonTree method, JsonTree? parameters)
    {
        if (FindSubsystem(method, parameters) is not { } subsystem)
            return;
        JsonNode? found = ((JsonArray)subsystem["namespaces"]!).FirstOrDefault(each => (string?)each!["nsid"] == Text(parameters, "nsid"));
        if (found?[ConfigurationJson.OwnGroup] is not JsonObject own)
        {
            _context.Warning(
                method, $"the call {method.Text} is left out: {Text(parameters, "nqn")} has no namespace {Text(parameters, "nsid")}.");
            return;
        }
        own["visible_to"] ??= new JsonArray();
        ((JsonArray)own["visible_to"]!).Add((JsonNode)Text(parameters, "host"));
    }

    private void AddListener(JsonTree method, JsonTree? parameters)
    {
        string nqn = Text(parameters, "nqn");
        bool isDiscovery = nqn == Nqn.Discovery.Text;
        if (!isDiscovery && FindSubsystem(method, parameters) is null)
            return;
        JsonTree? address = parameters?.Find("listen_address");
        JsonObject written = Address(address);
        if (Text(parameters, "secure_channel") == "true")
        {
            written["treq"] = "required";
            written["tsas"] = "tls1.3";
        }
        string key = written.ToJsonString();
        if (!_ports.TryGetValue(key, out JsonObject? port))
        {
            port = new JsonObject { ["portid"] = _ports.Count + 1, ["addr"] = written, ["subsystems"] = new JsonArray() };
            _ports.Add(key, port);
            _origins.Add((port, method));
        }
        if (isDiscovery)
            _context.Warning(method, "the discovery service answers on every port here.");
        else
            ((JsonArray)port["subsystems"]!).Add((JsonNode)nqn);
    }

    private void AddReferral(JsonTree? parameters)
    {
        JsonObject address = Address(parameters?.Find("address"));
        if (Text(parameters, "secure_channel") == "true")
            address["treq"] = "required";
        _referrals.Add((JsonNode)new JsonObject
        {
            ["name"] = string.Create(CultureInfo.InvariantCulture, $"referral{_referrals.Count + 1}"),
            ["enable"] = 1,
            ["addr"] = address,
        });
    }

    private static JsonObject Address(JsonTree? address) => new()
    {
        ["trtype"] = Text(address, "trtype").ToLowerInvariant(),
        ["adrfam"] = Text(address, "adrfam") is { Length: > 0 } family ? family.ToLowerInvariant() : "ipv4",
        ["traddr"] = Text(address, "traddr"),
        ["trsvcid"] = Text(address, "trsvcid") is { Length: > 0 } service
            ? service
            : DefaultNvmePort.ToString(CultureInfo.InvariantCulture),
    };

    private ConfigurationReading Finish(ConfigurationRules? rules)
    {
        foreach (JsonObject port in _ports.Values)
            port["referrals"] = _referrals.DeepClone();
        var root = new JsonObject
        {
            ["hosts"] = new JsonArray([.. _hosts.Values]),
            ["ports"] = new JsonArray([.. _ports.Values]),
            ["subsystems"] = new JsonArray([.. _subsystems.Values]),
        };
        var document = new ImportedDocument(root);
        foreach ((JsonNode made, JsonTree call) in _origins)
            document.SetOrigin(made, call);
        return document.Read(_context.Problems, rules);
    }
}
