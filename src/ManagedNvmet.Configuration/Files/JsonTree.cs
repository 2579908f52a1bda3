using System.Text;
using System.Text.Json;

namespace ManagedNvmet.Configuration;

/// <summary>JSON with the line of every value, for messages that lead to the place.</summary>
/// <remarks>JsonDocument knows no lines; that is all that this adds to the reader of the framework.</remarks>
internal sealed class JsonTree
{
    private const int MaxDepth = 32;

    private JsonTree(JsonValueKind kind, string path, int line)
    {
        Kind = kind;
        Path = path;
        Line = line;
    }

    public JsonValueKind Kind { get; }

    /// <summary>JSON path, such as <c>$.ports[0].addr</c>.</summary>
    public string Path { get; }

    /// <summary>From 1.</summary>
    public int Line { get; }

    /// <summary>A string without its quotes, or the text of a number or a literal; empty for objects and arrays.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Members of an object in their order.</summary>
    public List<KeyValuePair<string, JsonTree>> Members { get; } = [];

    /// <summary>Elements of an array.</summary>
    public List<JsonTree> Items { get; } = [];

    /// <summary>Reads a file. Comments and commas behind the last element are taken.</summary>
    /// <param name="json">UTF-8, with or without a mark in front.</param>
    /// <param name="problems">Gets one entry for each name that stands twice in an object.</param>
    /// <exception cref="JsonException">It is no JSON; with the line.</exception>
    public static JsonTree Parse(ReadOnlySpan<byte> json, ICollection<ConfigurationProblem> problems)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble))
            json = json[Encoding.UTF8.Preamble.Length..];
        var reader = new Utf8JsonReader(json, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = MaxDepth,
        });
        var lines = new LineCounter(json);
        try
        {
            reader.Read();
            JsonTree root = Read(ref reader, ref lines, "$", problems);
            reader.Read();
            return root;
        }
        catch (InvalidOperationException)
        {
            // The reader accepts any bytes in a string and reports invalid UTF-8 only when the text is read.
            throw new JsonException("A text is no valid UTF-8.", null, lines.LineAt(reader.TokenStartIndex) - 1, null);
        }
    }

    /// <summary>The member of this name, or null.</summary>
    public JsonTree? Find(string name)
    {
        foreach ((string key, JsonTree value) in Members)
        {
            if (key == name)
                return value;
        }
        return null;
    }

    /// <summary>The value as compact JSON text.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = ConfigurationJson.Encoder }))
            Write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The value as a message names it, shortened.</summary>
    public string Describe()
    {
        const int MaxLength = 60;
        string text = Kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => $"\"{Text}\"",
            _ => Text,
        };
        return text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), "…");
    }

    private static JsonTree Read(ref Utf8JsonReader reader, ref LineCounter lines, string path, ICollection<ConfigurationProblem> problems)
    {
        int line = lines.LineAt(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var read = new JsonTree(JsonValueKind.Object, path, line);
                var names = new HashSet<string>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string name = reader.GetString()!;
                    string memberPath = JsonPath.Member(path, name);
                    if (!names.Add(name))
                    {
                        problems.Add(new ConfigurationProblem(ProblemSeverity.Error, memberPath, lines.LineAt(reader.TokenStartIndex),
                            "it stands twice in one object, expected once.", "Remove one of them."));
                    }
                    reader.Read();
                    read.Members.Add(new(name, Read(ref reader, ref lines, memberPath, problems)));
                }
                return read;
            case JsonTokenType.StartArray:
                var list = new JsonTree(JsonValueKind.Array, path, line);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Items.Add(Read(ref reader, ref lines, JsonPath.Item(path, list.Items.Count), problems));
                return list;
            case JsonTokenType.String:
                return new JsonTree(JsonValueKind.String, path, line) { Text = reader.GetString()! };
            case JsonTokenType.Number:
                return new JsonTree(JsonValueKind.Number, path, line) { Text = Encoding.UTF8.GetString(reader.ValueSpan) };
            case JsonTokenType.True:
                return new JsonTree(JsonValueKind.True, path, line) { Text = "true" };
            case JsonTokenType.False:
                return new JsonTree(JsonValueKind.False, path, line) { Text = "false" };
            default:
                return new JsonTree(JsonValueKind.Null, path, line) { Text = "null" };
        }
    }

    private void Write(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach ((string name, JsonTree value) in Members)
                {
                    writer.WritePropertyName(name);
                    value.Write(writer);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonTree item in Items)
                    item.Write(writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Text);
                break;
            default:
                writer.WriteRawValue(Text);
                break;
        }
    }

    /// <summary>Lines of places that are asked for in ascending order.</summary>
    private ref struct LineCounter(ReadOnlySpan<byte> json)
    {
        private readonly ReadOnlySpan<byte> _json = json;
        private int _counted;
        private int _line = 1;

        public int LineAt(long offset)
        {
            _line += _json[_counted..(int)offset].Count((byte)'\n');
            _counted = (int)offset;
            return _line;
        }
    }
}
