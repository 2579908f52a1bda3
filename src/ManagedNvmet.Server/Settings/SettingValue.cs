using System.Globalization;
using System.Numerics;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Server.Settings;

/// <summary>Makes rows of <see cref="SettingTable"/> for each type of value.</summary>
internal static class SettingValue
{
    /// <summary>A whole number.</summary>
    /// <param name="key">Name.</param>
    /// <param name="min">Least value.</param>
    /// <param name="max">Greatest value.</param>
    /// <param name="unit">Unit in the plural, or empty for a count.</param>
    /// <param name="help">One sentence without a full stop.</param>
    /// <param name="get">Reads the value.</param>
    /// <param name="set">Sets the value.</param>
    public static Setting Number(
        string key, long min, long max, string unit, string help, Func<ServerSettings, long> get, Action<ServerSettings, long> set)
    {
        string range = string.Create(CultureInfo.InvariantCulture, $"{min} to {max}{(unit.Length == 0 ? "" : " " + unit)}");
        return new Setting
        {
            Key = key,
            Help = help,
            Range = range,
            HelpName = unit.Length == 0 ? "COUNT" : unit.ToUpperInvariant(),
            Show = from => get(from).ToString(CultureInfo.InvariantCulture),
            Apply = (to, text) => Take(
                text,
                range,
                long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max,
                () => set(to, value)),
        };
    }

    /// <summary>A number of bytes.</summary>
    /// <param name="key">Name.</param>
    /// <param name="min">Least value.</param>
    /// <param name="max">Greatest value.</param>
    /// <param name="multiple">The value is a multiple of this; 0: it is a power of two.</param>
    /// <param name="help">One sentence without a full stop.</param>
    /// <param name="get">Reads the value.</param>
    /// <param name="set">Sets the value.</param>
    public static Setting Size(
        string key, int min, int max, int multiple, string help, Func<ServerSettings, int> get, Action<ServerSettings, int> set)
    {
        string form = multiple == 0 ? ", a power of two" : multiple == 1 ? "" : $", a multiple of {multiple}";
        string range = $"{Size(min)} to {Size(max)}{form}";
        return new Setting
        {
            Key = key,
            Help = help,
            Range = range,
            HelpName = "SIZE",
            Show = from => Size(get(from)),
            Apply = (to, text) => Take(
                text, range, ByteSize.TryParse(text, out ulong value) && value >= (ulong)min && value <= (ulong)max
                    && (multiple == 0 ? BitOperations.IsPow2(value) : value % (ulong)multiple == 0),
                () => set(to, (int)value)),
        };
    }

    /// <summary>A time in seconds.</summary>
    /// <param name="key">Name.</param>
    /// <param name="min">Least value in seconds.</param>
    /// <param name="max">Greatest value in seconds.</param>
    /// <param name="help">One sentence without a full stop.</param>
    /// <param name="get">Reads the value.</param>
    /// <param name="set">Sets the value.</param>
    /// <param name="canBeZero">Zero is accepted, too, and means never.</param>
    public static Setting Seconds(
        string key, double min, double max, string help, Func<ServerSettings, TimeSpan> get, Action<ServerSettings, TimeSpan> set,
        bool canBeZero = false)
    {
        string range = string.Create(CultureInfo.InvariantCulture, $"{(canBeZero ? "0 (never), or " : "")}{min} to {max} seconds");
        return new Setting
        {
            Key = key,
            Help = help,
            Range = range,
            HelpName = "SECONDS",
            Show = from => get(from).TotalSeconds.ToString(CultureInfo.InvariantCulture),
            Apply = (to, text) => Take(
                text, range, double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
                    && ((value >= min && value <= max) || (canBeZero && value == 0)),
                () => set(to, TimeSpan.FromSeconds(value))),
        };
    }

    /// <summary>One of the names of an enumeration, in either case.</summary>
    public static Setting Choice<T>(string key, string help, Func<ServerSettings, T> get, Action<ServerSettings, T> set)
        where T : struct, Enum
    {
        string[] names = Enum.GetNames<T>();
        string range = $"one of {string.Join(", ", names)}";
        return new Setting
        {
            Key = key,
            Help = help,
            Range = range,
            HelpName = string.Join('|', names),
            Show = from => get(from).ToString(),
            Apply = (to, text) =>
            {
                if (Array.Find(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } found)
                {
                    set(to, Enum.Parse<T>(found));
                    return null;
                }
                return Fault(text, range) + (Suggestion.Nearest(text, names) is { } nearest ? $" Did you mean {nearest}?" : "");
            },
        };
    }

    /// <summary>True or false.</summary>
    public static Setting Flag(string key, string help, Func<ServerSettings, bool> get, Action<ServerSettings, bool> set) => new()
    {
        Key = key,
        Help = help,
        Range = "true or false",
        HelpName = "true|false",
        Show = from => get(from) ? "true" : "false",
        Apply = (to, text) => Take(text, "true or false", bool.TryParse(text, out bool value), () => set(to, value)),
    };

    /// <summary>A text.</summary>
    /// <param name="key">Name.</param>
    /// <param name="range">The accepted values, as they follow "expected".</param>
    /// <param name="help">One sentence without a full stop.</param>
    /// <param name="get">Reads the value; null when it is not set.</param>
    /// <param name="set">Sets the value; returns false when it is not accepted.</param>
    public static Setting Text(
        string key, string range, string help, Func<ServerSettings, string?> get, Func<ServerSettings, string, bool> set) => new()
        {
            Key = key,
            Help = help,
            Range = range,
            Show = from => get(from) ?? "",
            Apply = (to, text) => text.Length == 0 ? $" is empty, expected {range}." : set(to, text) ? null : Fault(text, range),
        };

    /// <summary>The fault of a value that is not accepted.</summary>
    public static string Fault(string text, string range) => $" is '{text.ReplaceLineEndings(" ")}', expected {range}.";

    private static string? Take(string text, string range, bool isAccepted, Action set)
    {
        if (!isAccepted)
            return Fault(text, range);
        set();
        return null;
    }

    private static string Size(int bytes)
    {
        (string Unit, int Shift)[] units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
        foreach ((string unit, int shift) in units)
        {
            if (bytes != 0 && bytes % (1 << shift) == 0)
                return $"{bytes >> shift}{unit}";
        }
        return bytes.ToString(CultureInfo.InvariantCulture);
    }
}
