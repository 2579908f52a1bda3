using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Configuration;

/// <summary>Reads and writes configuration files, in the shape that nvmetcli saves.</summary>
public static class ConfigurationFile
{
    /// <summary>Largest file that is read, in bytes: a target of 10 000 namespaces needs about 8 MiB.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads a file and checks it. What is wrong with its content is among the problems, all at once.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read at all.</exception>
    public static ConfigurationReading Load(string path, ConfigurationRules? rules = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] content;
        UnixFileMode mode;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxBytes)
                throw new ConfigurationException($"{path} has {file.Length} bytes, expected at most {MaxBytes}.");
            mode = File.GetUnixFileMode(file.SafeFileHandle);
            content = new byte[file.Length];
            file.ReadExactly(content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read: {exception.Message}", exception);
        }
        ConfigurationReading reading = Parse(content, rules);
        bool isOpen = (mode & ~OwnerOnly & ~UnixFileMode.UserExecute) != 0;
        if (reading.Secrets.Count == 0 || !isOpen)
            return reading;
        var problem = new ConfigurationProblem(ProblemSeverity.Warning, "$.hosts", null,
            $"{path} holds keys, and others than its owner may read it.",
            $"Change that with: chmod 600 {path}; and consider to replace the keys.");
        return reading with { Problems = [.. reading.Problems, problem] };
    }

    /// <summary>Reads a configuration from UTF-8 text and checks it.</summary>
    public static ConfigurationReading Parse(ReadOnlySpan<byte> json, ConfigurationRules? rules = null)
    {
        var context = new ReadContext();
        JsonTree tree;
        try
        {
            tree = JsonTree.Parse(json, context.Problems);
        }
        catch (JsonException exception)
        {
            int? line = exception.LineNumber is { } number ? (int)number + 1 : null;
            return new ConfigurationReading
            {
                Problems =
                [
                    new ConfigurationProblem(ProblemSeverity.Error, exception.Path ?? "$", line, $"it is no JSON: {Reason(exception)}"),
                ],
            };
        }
        if (ConfigurationTables.Target.Read(tree, context) is not { } configuration)
            return new ConfigurationReading { Problems = context.Problems.ToConfigurationList() };
        ConfigurationValidator.Check(configuration, rules ?? ConfigurationRules.Default, context);
        IEnumerable<ConfigurationProblem> problems = context.Problems.OrderBy(each => each.Line ?? 0)
            .ThenBy(each => each.Path, StringComparer.Ordinal);
        return new ConfigurationReading
        {
            Configuration = configuration.Normalize(),
            Problems = problems.ToConfigurationList(),
            Secrets = context.Secrets,
        };
    }

    /// <summary>Checks a configuration that did not come from a file.</summary>
    public static ConfigurationList<ConfigurationProblem> Check(TargetConfiguration configuration, ConfigurationRules? rules = null)
    {
        var context = new ReadContext();
        ConfigurationValidator.Check(configuration, rules ?? ConfigurationRules.Default, context);
        return context.Problems.ToConfigurationList();
    }

    /// <summary>The configuration as text: names in ascending order, as nvmetcli writes them, and the same text for configurations that mean
    /// the same. Keys are named and never contained.</summary>
    public static string Write(TargetConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Sorted(ConfigurationTables.Target.Write(configuration.Normalize()))!.ToJsonString(ConfigurationJson.Indented) + "\n";
    }

    /// <summary>Writes the file: as a whole or not at all, and durably. The mode of a file that is there stays; a new one is for its owner
    /// alone, as with nvmetcli.</summary>
    /// <exception cref="ConfigurationException">It cannot be written; the old file is as it was.</exception>
    public static void Save(string path, TargetConfiguration configuration) => SaveText(path, Write(configuration));

    /// <summary>Writes the file, with what <see cref="Write"/> made.</summary>
    internal static void SaveText(string path, string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            bool isThere = File.Exists(path);
            string real = isThere ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
            UnixFileMode mode = isThere ? File.GetUnixFileMode(real) : OwnerOnly;
            DurableFile.Write(real, Encoding.UTF8.GetBytes(text), mode);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be written: {exception.Message}", exception);
        }
    }

    private static JsonNode? Sorted(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject written:
                KeyValuePair<string, JsonNode?>[] members = [.. written.OrderBy(member => member.Key, StringComparer.Ordinal)];
                written.Clear();
                foreach ((string name, JsonNode? value) in members)
                    written.Add(name, Sorted(value));
                break;
            case JsonArray list:
                foreach (JsonNode? item in list)
                    Sorted(item);
                break;
        }
        return node;
    }

    // The framework puts path and place behind the sentence; they stand in the problem already.
    private static string Reason(JsonException exception)
    {
        int end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
