using System.Text;
using System.Text.Json;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Configuration;

/// <summary>Keys by their names, in a file that its owner alone may read. Configurations and logs hold names only.</summary>
public sealed class SecretsFile
{
    /// <summary>Name of the file in the state folder.</summary>
    public const string FileName = "secrets.json";

    private const int MaxBytes = 16 * 1024 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly SecretsJson Format = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        Encoder = ConfigurationJson.Encoder,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
    });

    private readonly string _path;

    private SecretsFile(string path, SortedDictionary<string, string> keys)
    {
        _path = path;
        Keys = keys;
    }

    /// <summary>The keys by their names.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; }

    /// <summary>Reads the file; without one there are no keys.</summary>
    /// <exception cref="ConfigurationException">Others than its owner may read it, it belongs to somebody else, or it cannot be
    /// understood.</exception>
    public static SecretsFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var keys = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            if (!File.Exists(path))
                return new SecretsFile(path, keys);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            UnixFileMode mode = File.GetUnixFileMode(file.SafeFileHandle);
            if ((mode & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
            {
                throw new ConfigurationException($"{path} has the mode {Convert.ToString((int)mode, 8)}, expected 600: others may read "
                    + $"the keys. Change that with: chmod 600 {path}; and consider to replace the keys.");
            }
            if (file.Length > MaxBytes)
                throw new ConfigurationException($"{path} has {file.Length} bytes, expected at most {MaxBytes}.");
            foreach ((string name, string? key) in JsonSerializer.Deserialize(file, Format.DictionaryStringString) ?? [])
                keys.Add(name, key ?? throw new ConfigurationException($"{path}: the key \"{name}\" is null, expected a text."));
            return new SecretsFile(path, keys);
        }
        catch (JsonException exception)
        {
            // The message of the exception could contain a part of a key.
            string line = exception.LineNumber is { } number ? $" at line {number + 1}" : "";
            throw new ConfigurationException($"{path} is damaged{line}: expected an object with a text for each name.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the keys that are added or new, durably, for the owner alone.</summary>
    /// <returns>The file with them.</returns>
    /// <exception cref="ConfigurationException">It cannot be written; the old file is as it was.</exception>
    public SecretsFile With(IReadOnlyDictionary<string, string> added)
    {
        ArgumentNullException.ThrowIfNull(added);
        var keys = new SortedDictionary<string, string>(Keys.ToDictionary(), StringComparer.Ordinal);
        foreach ((string name, string key) in added)
            keys[name] = key;
        if (keys.Count == Keys.Count && keys.All(pair => Keys[pair.Key] == pair.Value))
            return this;
        try
        {
            DurableFile.Write(
                _path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(keys, Format.SortedDictionaryStringString) + "\n"), OwnerOnly);
            return new SecretsFile(_path, keys);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{_path} cannot be written: {exception.Message}", exception);
        }
    }
}
