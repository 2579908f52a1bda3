using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends.Stores;

namespace ManagedNvmet.Configuration;

/// <summary>Reads and writes configuration files, in the shape that nvmetcli saves.</summary>
public static class ConfigurationFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The store of a configuration file. A file that it creates is for its owner alone, as with nvmetcli.</summary>
    public static IDocumentStore Store(string path) => new FileDocumentStore(path, OwnerOnly);

    /// <summary>Reads a file and checks it. All errors of its content are among the problems.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read at all.</exception>
    public static ConfigurationReading Load(string path, ConfigurationRules? rules = null) => Load(Store(path), rules);

    /// <summary>Reads the document of a store and checks it. All errors of its content are among the problems.</summary>
    /// <exception cref="ConfigurationException">The document cannot be read at all, or does not exist.</exception>
    public static ConfigurationReading Load(IDocumentStore store, ConfigurationRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        StoredDocument document;
        try
        {
            document = store.Read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{store.Name} cannot be read: {exception.Message}", exception);
        }
        if (!document.Exists)
            throw new ConfigurationException($"{store.Name} cannot be read: it does not exist.");
        ConfigurationReading reading = Parse(document.Content.Span, rules) with { Version = document.Version };
        if (reading.Secrets.Count == 0 || document.IsPrivate)
            return reading;
        var problem = new ConfigurationProblem(ProblemSeverity.Warning, "$.hosts", null,
            $"{store.Name} holds keys, and others than its owner may read it.",
            $"Change that with: chmod 600 {store.Name}; and consider to replace the keys.");
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

    /// <summary>The configuration as text: names in ascending order, as nvmetcli writes them, and the same text for configurations that
    /// mean the same. Keys are named and never contained.</summary>
    public static string Write(TargetConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Sorted(ConfigurationTables.Target.Write(configuration.Normalize()))!.ToJsonString(ConfigurationJson.Indented) + "\n";
    }

    /// <summary>Writes the file as a whole and durably, whatever it holds. The mode of a file that exists stays; a new one is for its owner
    /// alone.</summary>
    /// <exception cref="ConfigurationException">It cannot be written; the old file is unchanged.</exception>
    public static void Save(string path, TargetConfiguration configuration)
    {
        IDocumentStore store = Store(path);
        string text = Write(configuration);
        string? version;
        do
        {
            version = TryWrite(store, text, CurrentVersion(store));
        }
        while (version is null);
    }

    /// <summary>Writes the document, with the text that <see cref="Write"/> made, if it still has the expected version.</summary>
    /// <returns>The new version; null when the document has another version, and then nothing is written.</returns>
    /// <exception cref="ConfigurationException">It cannot be written; the old document is unchanged.</exception>
    internal static string? TryWrite(IDocumentStore store, string text, string expectedVersion)
    {
        try
        {
            return store.TryWrite(Encoding.UTF8.GetBytes(text), expectedVersion);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{store.Name} cannot be written: {exception.Message}", exception);
        }
    }

    private static string CurrentVersion(IDocumentStore store)
    {
        try
        {
            return store.Read().Version;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{store.Name} cannot be written: {exception.Message}", exception);
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

    // The framework appends path and position to its message; the problem has them already.
    private static string Reason(JsonException exception)
    {
        int end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
