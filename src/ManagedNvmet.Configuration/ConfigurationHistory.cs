using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Configuration;

/// <summary>The running configuration and the ten before it. Kept in a folder, one file each, or in memory only.</summary>
/// <remarks>A file is written durably before the change that it stands for, and is never changed: after a crash the history ends with that
/// change or with the one before. Not thread-safe; whoever applies changes one after another owns it.</remarks>
public sealed class ConfigurationHistory
{
    /// <summary>Configurations that are kept beside the running one.</summary>
    public const int MaxPrevious = 10;

    // Initial room for the members of an entry other than the configuration; the buffer grows when needed.
    private const int EntryBytes = 1024;
    private const string Suffix = ".json";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string? _folder;
    private readonly List<(HistoryEntry Entry, TargetConfiguration Configuration)> _entries = [];

    // A number is never used twice, not even that of a damaged file.
    private int _last;

    private ConfigurationHistory(string? folder) => _folder = folder;

    /// <summary>The entries, the newest first.</summary>
    public IReadOnlyList<HistoryEntry> Entries => _entries.ConvertAll(each => each.Entry);

    /// <summary>Files of the folder that could not be understood; they are left alone.</summary>
    public IReadOnlyList<string> Damaged { get; private set; } = [];

    /// <summary>Opens the history of a folder, which is made when there is none; null keeps it in memory.</summary>
    /// <exception cref="ConfigurationException">The folder cannot be used.</exception>
    public static ConfigurationHistory Open(string? folder)
    {
        var history = new ConfigurationHistory(folder);
        if (folder is null)
            return history;
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            history.Read(folder);
            return history;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The history {folder} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>The configuration of this number, or null; without a number the one before the running one.</summary>
    public TargetConfiguration? Find(int? number)
    {
        if (number is null)
            return _entries.Count > 1 ? _entries[1].Configuration : null;
        return _entries.Find(each => each.Entry.Number == number).Configuration;
    }

    /// <summary>Adds a configuration as the running one.</summary>
    /// <exception cref="ConfigurationException">It cannot be written; the history is as it was.</exception>
    public HistoryEntry Add(TargetConfiguration configuration, string etag, DateTimeOffset time, string summary) =>
        Add(configuration, null, etag, time, summary, "");

    /// <summary>Adds a configuration as the running one.</summary>
    /// <param name="configuration">What it holds.</param>
    /// <param name="text">The same as <see cref="ConfigurationFile.Write"/> makes it, or null.</param>
    /// <param name="etag">Its name.</param>
    /// <param name="time">When it came.</param>
    /// <param name="summary">What was changed.</param>
    /// <param name="requester">Who asked for it; empty for the configuration of a start.</param>
    /// <exception cref="ConfigurationException">It cannot be written; the history is as it was.</exception>
    internal HistoryEntry Add(
        TargetConfiguration configuration, string? text, string etag, DateTimeOffset time, string summary, string requester)
    {
        var entry = new HistoryEntry(_last + 1, time, etag, summary, requester);
        if (_folder is not null)
        {
            try
            {
                DurableFile.Write(PathOf(entry.Number), Write(entry, text ?? ConfigurationFile.Write(configuration)), OwnerOnly);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new ConfigurationException($"The history {_folder} cannot be written: {exception.Message}", exception);
            }
        }
        _last = entry.Number;
        _entries.Insert(0, (entry, configuration));
        Prune();
        return entry;
    }

    /// <summary>Takes back the entry that was added last, since its change was not carried out.</summary>
    public void RemoveLast()
    {
        int number = _entries[0].Entry.Number;
        _entries.RemoveAt(0);
        Delete(number);
    }

    // The text is inserted as it is: parsing it again would cost more than the rest of the write.
    private static ReadOnlySpan<byte> Write(HistoryEntry entry, string text)
    {
        var buffer = new ArrayBufferWriter<byte>(text.Length + EntryBytes);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteNumber("number", entry.Number);
        writer.WriteString("time", entry.Time.ToString("O", CultureInfo.InvariantCulture));
        writer.WriteString("etag", entry.ETag);
        writer.WriteString("summary", entry.Summary);
        writer.WriteString("requester", entry.Requester);
        writer.WritePropertyName("configuration");
        writer.WriteRawValue(text.AsSpan().TrimEnd());
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan;
    }

    private void Read(string from)
    {
        var damaged = new List<string>();
        foreach (string file in Directory.EnumerateFiles(from, "*" + Suffix))
        {
            if (!int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                continue;
            _last = Math.Max(_last, number);
            if (TryRead(file, number, out HistoryEntry entry, out TargetConfiguration configuration))
                _entries.Add((entry, configuration));
            else
                damaged.Add(file);
        }
        _entries.Sort((left, right) => right.Entry.Number.CompareTo(left.Entry.Number));
        Damaged = damaged;
    }

    private static bool TryRead(string file, int number, out HistoryEntry entry, out TargetConfiguration configuration)
    {
        entry = new HistoryEntry(number, default, "", "");
        configuration = TargetConfiguration.Empty;
        try
        {
            JsonNode? root = JsonNode.Parse(File.ReadAllBytes(file));
            string? text = root?["configuration"]?.ToJsonString();
            var rules = new ConfigurationRules { MaxNamespaceId = uint.MaxValue };
            if (text is null || ConfigurationFile.Parse(Encoding.UTF8.GetBytes(text), rules) is not { Configuration: { } read })
            {
                return false;
            }
            configuration = read;
            entry = new HistoryEntry(
                number,
                DateTimeOffset.Parse((string?)root!["time"] ?? "", CultureInfo.InvariantCulture),
                ConfigurationETag.Of(read),
                (string?)root["summary"] ?? "",
                (string?)root["requester"] ?? "");
            return true;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    private void Prune()
    {
        while (_entries.Count > MaxPrevious + 1)
        {
            int number = _entries[^1].Entry.Number;
            _entries.RemoveAt(_entries.Count - 1);
            Delete(number);
        }
    }

    private void Delete(int number)
    {
        if (_folder is null)
            return;
        try
        {
            File.Delete(PathOf(number));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // An entry that cannot be deleted does no harm: the first change after the next start deletes it.
        }
    }

    private string PathOf(int number) => Path.Combine(_folder!, number.ToString("D6", CultureInfo.InvariantCulture) + Suffix);
}
