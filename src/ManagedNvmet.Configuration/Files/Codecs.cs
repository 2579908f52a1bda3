using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Configuration;

/// <summary>The kinds of values. nvmetcli writes numbers and flags of a group as strings, since configfs gave them so; both forms are read
/// everywhere.</summary>
internal static class Codecs
{
    /// <summary>Written as "0" or "1".</summary>
    public static readonly ValueCodec<bool> FlagText = Flag(value => value ? "1" : "0");

    /// <summary>Written as 0 or 1.</summary>
    public static readonly ValueCodec<bool> FlagNumber = Flag(value => value ? 1 : 0);

    /// <summary>Written as true or false; nothing is written for false.</summary>
    public static readonly ValueCodec<bool> OwnFlag = Flag(value => value ? true : null);

    public static readonly ValueCodec<string> Text = new(
        "a text",
        static (JsonTree value, out string result) =>
        {
            result = value.Text;
            return value.Kind is JsonValueKind.String or JsonValueKind.Number && value.Text.Length != 0;
        },
        static value => value,
        static () => new JsonObject { ["type"] = "string", ["minLength"] = 1 })
    {
        IsValid = static value => value.Length != 0,
    };

    public static readonly ValueCodec<Nqn> Name = new(
        $"a name of 1 to {Nqn.MaxBytes} bytes, such as nqn.2026-11.com.example:disk1",
        static (JsonTree value, out Nqn result) => TryReadName(value, out result),
        static value => value.Text,
        static () => new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = Nqn.MaxBytes });

    public static readonly ValueCodec<Guid?> Uuid = new(
        "a UUID such as 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        static (JsonTree value, out Guid? result) =>
        {
            bool isRead = Guid.TryParseExact(value.Text.Trim(), "D", out Guid uuid) || Guid.TryParseExact(value.Text.Trim(), "N", out uuid);
            result = uuid == Guid.Empty ? null : uuid;
            return isRead;
        },
        static value => value?.ToString(),
        static () => new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}$" });

    /// <summary>Groups of digits as in a UUID, which is how the kernel writes an NGUID; all zero stands for none.</summary>
    public static readonly ValueCodec<UInt128?> Nguid = new(
        "32 hexadecimal digits, with or without dashes",
        static (JsonTree value, out UInt128? result) =>
        {
            string digits = value.Text.Trim().Replace("-", "", StringComparison.Ordinal);
            bool isRead = UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 number)
                && digits.Length == 32;
            result = number == 0 ? null : number;
            return isRead;
        },
        static value => value is { } number ? Dashed(number.ToString("x32", CultureInfo.InvariantCulture)) : null,
        static () => new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9A-Fa-f-]{32,36}$" });

    public static readonly ValueCodec<ulong?> Eui64 = new(
        "16 hexadecimal digits",
        static (JsonTree value, out ulong? result) =>
        {
            string digits = value.Text.Trim();
            bool isRead = ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number)
                && digits.Length == 16;
            result = number == 0 ? null : number;
            return isRead;
        },
        static value => value?.ToString("x16", CultureInfo.InvariantCulture),
        static () => new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9A-Fa-f]{16}$" });

    public static readonly ValueCodec<ulong?> Size = new(
        "a number of bytes, or a size such as 512M or 10G",
        static (JsonTree value, out ulong? result) =>
        {
            bool isRead = ByteSize.TryParse(value.Text, out ulong bytes) && bytes is > 0 and <= long.MaxValue;
            result = bytes;
            return isRead;
        },
        static value => value,
        static () => new JsonObject { ["type"] = Types("string", "integer") })
    {
        IsValid = static value => value is null or (> 0 and <= long.MaxValue),
    };

    public static readonly ValueCodec<ConfigurationList<Nqn>> Names = new(
        "a list of names, such as [\"nqn.2026-11.com.example:host1\"]",
        static (JsonTree value, out ConfigurationList<Nqn> result) =>
        {
            var names = new List<Nqn>();
            result = [];
            if (value.Kind != JsonValueKind.Array)
                return false;
            foreach (JsonTree item in value.Items)
            {
                if (!TryReadName(item, out Nqn name))
                    return false;
                names.Add(name);
            }
            result = names.ToConfigurationList();
            return true;
        },
        static value => new JsonArray([.. value.Select(name => (JsonNode)name.Text)]),
        static () => new JsonObject { ["type"] = "array", ["items"] = Name!.Schema() });

    public static readonly ValueCodec<ConfigurationList<IPNetwork>> Networks = new(
        "a list of networks such as [\"192.0.2.0/24\", \"2001:db8::/32\"], or of addresses",
        static (JsonTree value, out ConfigurationList<IPNetwork> result) =>
        {
            var networks = new List<IPNetwork>();
            result = [];
            if (value.Kind != JsonValueKind.Array)
                return false;
            foreach (JsonTree item in value.Items)
            {
                if (IPNetwork.TryParse(item.Text, out IPNetwork network))
                    networks.Add(network);
                else if (IPAddress.TryParse(item.Text, out IPAddress? address) && item.Text.AsSpan().ContainsAny('.', ':'))
                    networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
                else
                    return false;
            }
            result = networks.ToConfigurationList();
            return true;
        },
        static value => new JsonArray([.. value.Select(network => (JsonNode)network.ToString())]),
        static () => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } });

    /// <summary>Written as text.</summary>
    public static ValueCodec<T> NumberText<T>(T min, T max)
        where T : struct, INumber<T> => Number(min, max, value => value.ToString(null, CultureInfo.InvariantCulture));

    /// <summary>Written as a number.</summary>
    public static ValueCodec<T> Number<T>(T min, T max)
        where T : struct, INumber<T> => Number(min, max, value => JsonNode.Parse(value.ToString(null, CultureInfo.InvariantCulture)));

    /// <summary>A value that may be left out.</summary>
    public static ValueCodec<T?> OptionalValue<T>(ValueCodec<T> codec)
        where T : struct => new(
        codec.Expected,
        (JsonTree value, out T? result) =>
        {
            bool isRead = codec.Read(value, out T read);
            result = read;
            return isRead;
        },
        value => value is { } present ? codec.Write(present) : null,
        codec.Schema)
        {
            Words = codec.Words,
            IsValid = value => value is not { } present || codec.IsValid(present),
        };

    /// <summary>A value that may be left out.</summary>
    public static ValueCodec<T?> Optional<T>(ValueCodec<T> codec)
        where T : class => new(
        codec.Expected,
        (JsonTree value, out T? result) =>
        {
            bool isRead = codec.Read(value, out T read);
            result = read;
            return isRead;
        },
        value => value is null ? null : codec.Write(value),
        codec.Schema)
        {
            IsValid = value => value is null || codec.IsValid(value),
        };

    /// <summary>A value that is written only when it says something.</summary>
    public static ValueCodec<T> UnlessDefault<T>(ValueCodec<T> codec, T standard) =>
        codec with { Write = value => EqualityComparer<T>.Default.Equals(value, standard) ? null : codec.Write(value) };

    /// <summary>One word of a few.</summary>
    public static ValueCodec<T> Choice<T>(params (string Word, T Value)[] words) => new ValueCodec<T>(
        $"one of {string.Join(", ", words.Select(each => $"\"{each.Word}\""))}",
        (JsonTree value, out T result) =>
        {
            foreach ((string word, T meaning) in words)
            {
                result = meaning;
                if (word.Equals(value.Text, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
            result = default!;
            return false;
        },
        value => Array.Find(words, each => EqualityComparer<T>.Default.Equals(each.Value, value)).Word,
        () => new JsonObject { ["enum"] = new JsonArray([.. words.Select(each => (JsonNode)each.Word)]) })
    {
        Words = [.. words.Select(each => each.Word)],
        IsValid = value => Array.Exists(words, each => EqualityComparer<T>.Default.Equals(each.Value, value)),
    };

    /// <summary>A text with a rule that a schema can say too.</summary>
    public static ValueCodec<string> PrintableText(int maxLength) => new(
        $"1 to {maxLength} printable ASCII characters",
        (JsonTree value, out string result) =>
        {
            result = value.Text.TrimEnd();
            return value.Kind is JsonValueKind.String or JsonValueKind.Number && IsPrintable(result, maxLength);
        },
        static value => value,
        () => new JsonObject { ["type"] = "string", ["pattern"] = $"^[ -~]{{1,{maxLength}}}$" })
    {
        IsValid = value => IsPrintable(value, maxLength),
    };

    internal static JsonArray Types(params string[] names) => new([.. names.Select(name => (JsonNode)name)]);

    private static bool IsPrintable(string text, int maxLength) =>
        text.Length > 0 && text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static ValueCodec<bool> Flag(Func<bool, JsonNode?> write) => new(
        "0 or 1, or true or false",
        static (JsonTree value, out bool result) =>
        {
            result = value.Text is "1" or "true";
            return result || value.Text is "0" or "false";
        },
        write,
        static () => new JsonObject { ["enum"] = new JsonArray("0", "1", 0, 1, true, false) });

    private static ValueCodec<T> Number<T>(T min, T max, Func<T, JsonNode?> write)
        where T : struct, INumber<T> => new(
        string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"),
        (JsonTree value, out T result) =>
            T.TryParse(value.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out result)
            && result >= min && result <= max,
        write,
        () => new JsonObject
        {
            ["type"] = Types("string", typeof(T) == typeof(double) ? "number" : "integer"),
            ["minimum"] = JsonNode.Parse(min.ToString(null, CultureInfo.InvariantCulture)),
            ["maximum"] = JsonNode.Parse(max.ToString(null, CultureInfo.InvariantCulture)),
        })
        {
            IsValid = value => value >= min && value <= max,
        };

    private static bool TryReadName(JsonTree value, out Nqn name)
    {
        name = Nqn.Discovery;
        if (value.Kind != JsonValueKind.String)
            return false;

        // The names that the kernel's target accepts need not have the form of the specification.
        if (!Nqn.TryRead(value.Text, out Nqn? read))
            return false;
        name = read;
        return true;
    }

    private static string Dashed(string digits) => $"{digits[..8]}-{digits[8..12]}-{digits[12..16]}-{digits[16..20]}-{digits[20..]}";
}
