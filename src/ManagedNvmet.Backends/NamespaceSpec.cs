using System.Globalization;
using System.Text;
using ManagedNvmet.Backends.Kinds;

namespace ManagedNvmet.Backends;

/// <summary>A namespace as one writes it on a command line: <c>PATH|mem:SIZE|null:SIZE[,option…]</c>.</summary>
/// <remarks>Options: <c>ro</c>, <c>block-size=512|1024|2048|4096</c>, <c>uuid=…</c>, and for paths <c>force</c>, <c>buffered</c>,
/// <c>create=SIZE</c>. A path that begins like another kind is written <c>file:PATH</c>; a comma in it <c>\,</c> and a backslash before
/// one <c>\\</c>.</remarks>
public sealed record NamespaceSpec
{
    private static readonly string[] CommonOptions = ["block-size", "ro", "uuid"];

    /// <summary>The text that was parsed.</summary>
    public string Text { get; init; } = "";

    /// <summary>How the namespace is carried.</summary>
    public required BackendKind Kind { get; init; }

    /// <summary>The text behind the scheme: the path of a file, the size of memory.</summary>
    public required string Subject { get; init; }

    /// <summary>The namespace is write protected.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Bytes of a logical block, or null for what fits.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Serve it although something else uses it.</summary>
    public bool IsForced { get; init; }

    /// <summary>Go through the page cache, even where direct I/O works.</summary>
    public bool IsBuffered { get; init; }

    /// <summary>Bytes of the file to make when there is none.</summary>
    public ulong? CreateBytes { get; init; }

    /// <summary>UUID of the namespace, instead of one made for it.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>Parses a namespace.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kinds">The kinds that may be written; null for <see cref="BackendKinds.Default"/>.</param>
    /// <exception cref="BackendException">The text is wrong; the message says where and what was expected.</exception>
    public static NamespaceSpec Parse(string text, BackendKinds? kinds = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        kinds ??= BackendKinds.Default;
        List<string> parts = Split(text);
        NamespaceSpec spec = OfDevice(parts[0], kinds) with { Text = text };
        for (int i = 1; i < parts.Count; i++)
            spec = spec.WithOption(parts[i], kinds);
        return spec;
    }

    /// <summary>A namespace without options, from a device as a configuration has it: every character of it counts, commas too.</summary>
    /// <exception cref="BackendException">The text is wrong; the message says what was expected.</exception>
    public static NamespaceSpec OfDevice(string device, BackendKinds kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        (BackendKind kind, string subject) = kinds.Split(device);
        if (device.Length == 0)
            throw new BackendException($"There is no disk in an empty text; expected {kinds.Forms}.");
        kind.Check(subject);
        return new NamespaceSpec { Text = device, Kind = kind, Subject = subject };
    }

    /// <summary>The first option of these that is set and that the kind does not take; null when there is none.</summary>
    public string? FirstOptionNotTaken() =>
        IsBuffered && !Kind.Options.Contains("buffered") ? "buffered"
        : IsForced && !Kind.Options.Contains("force") ? "force"
        : CreateBytes is not null && !Kind.Options.Contains("create") ? "create"
        : null;

    private NamespaceSpec WithOption(string option, BackendKinds kinds)
    {
        int equals = option.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? option : option[..equals];
        string? value = equals < 0 ? null : option[(equals + 1)..];
        string[] known = [.. CommonOptions.Union(kinds.All.SelectMany(kind => kind.Options)).Order(StringComparer.Ordinal)];
        if (Array.IndexOf(known, name) < 0)
            throw new BackendException(Unknown(name, known));
        bool isFlag = name is "ro" or "force" or "buffered";
        if (isFlag != value is null)
        {
            throw new BackendException(isFlag
                ? $"The option {name} takes no value, but was given \"{value}\"."
                : $"The option {name} needs a value: {name}=….");
        }
        if (Array.IndexOf(CommonOptions, name) < 0 && !Kind.Options.Contains(name))
            throw new BackendException($"The option {name} is for {kinds.WithOption(name)}, and \"{Text}\" is {Kind.Form}.");
        switch (name)
        {
            case "ro":
                return this with { IsReadOnly = true };
            case "force":
                return this with { IsForced = true };
            case "buffered":
                return this with { IsBuffered = true };
            case "create":
                return this with { CreateBytes = Size(option, value!) };
            case "uuid":
                if (!Guid.TryParse(value, out Guid uuid) || uuid == Guid.Empty)
                {
                    throw new BackendException($"\"{value}\" is no UUID; expected 32 hexadecimal digits, not all zero, "
                        + "such as 6ba7b810-9dad-11d1-80b4-00c04fd430c8.");
                }
                return this with { Uuid = uuid };
            default:
                bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int blockSize);
                if (!isNumber || blockSize is not (512 or 1024 or 2048 or 4096))
                    throw new BackendException($"block-size={value} is not possible; expected 512, 1024, 2048 or 4096.");
                return this with { BlockSize = blockSize };
        }
    }

    private static ulong Size(string text, string size)
    {
        if (ByteSize.TryParse(size, out ulong bytes) && bytes is > 0 and <= long.MaxValue)
            return bytes;
        throw new BackendException($"\"{size}\" in \"{text}\" is no size; expected bytes, or a number with a unit such as 512M or 1TiB.");
    }

    // The comma separates; \, and \\ stand for themselves, and any other backslash is one.
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && (text[i + 1] is ',' or '\\'))
                part.Append(text[++i]);
            else if (text[i] == ',')
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
                part.Append(text[i]);
        }
        parts.Add(part.ToString());
        return parts;
    }

    private static string Unknown(string name, string[] known)
    {
        string suggestion = Suggestion.Nearest(name, known) is { } nearest ? $" Did you mean {nearest}?" : "";
        return $"There is no option \"{name}\".{suggestion} The options are {string.Join(", ", known)}; a comma in a path is written \\,.";
    }
}
