using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>Imports the configuration of a kernel's target from its configfs tree or a copy of the tree.</summary>
public static class ConfigfsImporter
{
    /// <summary>Path of the kernel target's configfs tree.</summary>
    public const string KernelFolder = "/sys/kernel/config/nvmet";

    private static readonly string[] Groups = ["addr", "ana", "attr", "device", "dhchap", "param"];

    /// <summary>Reads a tree. Attributes that are not known are kept, as with a file.</summary>
    /// <param name="folder">The folder with hosts, ports and subsystems.</param>
    /// <param name="rules">Limits of the server.</param>
    /// <exception cref="ConfigurationException">The folder is no such tree, or cannot be read.</exception>
    public static ConfigurationReading Read(string folder, ConfigurationRules? rules = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(Path.Combine(folder, "subsystems")))
        {
            throw new ConfigurationException($"{folder} has no folder \"subsystems\", expected the tree of a kernel's target, such as "
                + $"{KernelFolder}; is the module nvmet loaded?");
        }
        var notes = new List<ConfigurationProblem>();
        try
        {
            var root = new JsonObject
            {
                ["hosts"] = List(folder, "hosts", (path, name) => Host(path, name)),
                ["subsystems"] = List(folder, "subsystems", (path, name) => Subsystem(path, name, notes)),
                ["ports"] = List(folder, "ports", (path, number) => Port(path, number, notes)),
            };
            return new ImportedDocument(root).Read(notes, rules);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{folder} cannot be read: {exception.Message}", exception);
        }
    }

    private static JsonObject Host(string path, string name)
    {
        JsonObject host = Attributes(path);
        host["nqn"] = name;

        // The kernel shows an empty line where there is no key.
        if (host["dhchap"] is JsonObject keys
            && string.IsNullOrEmpty((string?)keys["key"]) && string.IsNullOrEmpty((string?)keys["ctrl_key"]))
        {
            host.Remove("dhchap");
        }
        return host;
    }

    private static JsonObject Subsystem(string path, string name, List<ConfigurationProblem> notes)
    {
        JsonObject subsystem = Attributes(path);
        subsystem["nqn"] = name;
        subsystem["allowed_hosts"] = Names(path, "allowed_hosts");
        subsystem["namespaces"] = List(path, "namespaces", (inner, number) => Namespace(inner, number, name, notes));
        if (ReadText(Path.Combine(path, "passthru", "enable")) is "1")
        {
            notes.Add(new ConfigurationProblem(ProblemSeverity.Warning, $"subsystems/{name}/passthru", null,
                $"{name} passes a whole controller through, which this target does not; it has no namespace then.",
                "Add the block devices of that controller as namespaces."));
        }
        return subsystem;
    }

    private static JsonObject? Namespace(string path, string number, string subsystem, List<ConfigurationProblem> notes)
    {
        JsonObject read = Attributes(path);
        if (read["device"]?["path"] is null)
        {
            notes.Add(new ConfigurationProblem(ProblemSeverity.Warning, $"subsystems/{subsystem}/namespaces/{number}/device_path", null,
                $"namespace {number} of {subsystem} has no device; it is left out."));
            return null;
        }
        read["nsid"] = number;
        read["enable"] = ReadText(Path.Combine(path, "enable")) ?? "0";
        if (ReadText(Path.Combine(path, "buffered_io")) is "1")
            read[ConfigurationJson.OwnGroup] = new JsonObject { ["buffered"] = true };
        return read;
    }

    private static JsonObject? Port(string path, string number, List<ConfigurationProblem> notes)
    {
        JsonObject port = Attributes(path);
        string? transport = (string?)port["addr"]?["trtype"];
        if (port["addr"]?["traddr"] is null && (transport is null || transport.Equals("tcp", StringComparison.OrdinalIgnoreCase)))
        {
            notes.Add(new ConfigurationProblem(ProblemSeverity.Warning, $"ports/{number}/addr_traddr", null,
                $"port {number} has no address; it is left out."));
            return null;
        }
        port["portid"] = number;
        port["subsystems"] = Names(path, "subsystems");
        port["referrals"] = List(path, "referrals", (inner, name) =>
        {
            JsonObject referral = Attributes(inner);
            referral["name"] = name;
            referral["enable"] = ReadText(Path.Combine(inner, "enable")) ?? "0";
            return referral;
        });
        port["ana_groups"] = List(path, "ana_groups", (inner, group) =>
        {
            JsonObject read = Attributes(inner);
            read["grpid"] = group;
            return read;
        });
        return port;
    }

    // Files such as attr_serial: the group, an underscore, the name.
    private static JsonObject Attributes(string folder)
    {
        var attributes = new JsonObject();
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            int end = name.IndexOf('_', StringComparison.Ordinal);
            if (end < 0 || !Groups.Contains(name[..end]) || ReadText(file) is not { Length: > 0 } value || value == "(null)")
                continue;
            if (attributes[name[..end]] is not JsonObject group)
                attributes[name[..end]] = group = [];
            group[name[(end + 1)..]] = value;
        }
        return attributes;
    }

    private static JsonArray Names(string folder, string list)
    {
        string path = Path.Combine(folder, list);
        return Directory.Exists(path)
            ? new JsonArray([.. Directory.EnumerateFileSystemEntries(path).Select(entry => (JsonNode)Path.GetFileName(entry))])
            : [];
    }

    private static JsonArray List(string folder, string list, Func<string, string, JsonObject?> read)
    {
        string path = Path.Combine(folder, list);
        var items = new JsonArray();
        if (!Directory.Exists(path))
            return items;
        foreach (string entry in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            if (read(entry, Path.GetFileName(entry)) is { } item)
                items.Add((JsonNode)item);
        }
        return items;
    }

    // Some attributes are write-only; they are left out.
    private static string? ReadText(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
