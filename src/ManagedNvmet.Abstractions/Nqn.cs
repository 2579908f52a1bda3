using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ManagedNvmet;

/// <summary>An NVMe Qualified Name: the name of a host or of a subsystem. Compared byte by byte, case sensitive.</summary>
public sealed class Nqn : IEquatable<Nqn>
{
    /// <summary>Longest name in bytes, without the terminating NUL.</summary>
    public const int MaxBytes = 223;

    /// <summary>Bytes of the field that carries a name: the name, a NUL, and NULs up to the end.</summary>
    public const int FieldBytes = 256;

    /// <summary>The well-known name of every discovery subsystem.</summary>
    public static readonly Nqn Discovery = new("nqn.2014-08.org.nvmexpress.discovery");

    private Nqn(string text) => Text = text;

    /// <summary>The name.</summary>
    public string Text { get; }

    /// <summary>Checks a name that a person gave, such as a subsystem NQN of the configuration.</summary>
    /// <exception cref="FormatException">Says what was found and what was expected.</exception>
    public static Nqn Parse(string text) =>
        Validate(text) is { } problem ? throw new FormatException($"'{text}' is no NVMe Qualified Name: {problem}") : new Nqn(text);

    /// <summary>Checks a name that a person gave.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Nqn? nqn)
    {
        nqn = text is not null && Validate(text) is null ? new Nqn(text) : null;
        return nqn is not null;
    }

    /// <summary>Takes a name from a 256-byte field of a Connect command. Lenient about the form, since hosts use odd names:
    /// 1 to 223 bytes of valid UTF-8 without control characters, NUL terminated.</summary>
    public static bool TryReadField(ReadOnlySpan<byte> field, [NotNullWhen(true)] out Nqn? nqn)
    {
        nqn = null;
        int length = field.IndexOf((byte)0);
        if (length <= 0 || length > MaxBytes)
            return false;
        ReadOnlySpan<byte> name = field[..length];
        if (name.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0 || name.Contains((byte)0x7F) || !System.Text.Unicode.Utf8.IsValid(name))
            return false;
        nqn = new Nqn(Encoding.UTF8.GetString(name));
        return true;
    }

    /// <summary>Writes the name into a field of <see cref="FieldBytes"/> bytes, NUL padded.</summary>
    public void WriteField(Span<byte> field)
    {
        field.Clear();
        Encoding.UTF8.GetBytes(Text, field[..MaxBytes]);
    }

    /// <inheritdoc/>
    public bool Equals(Nqn? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Nqn);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string? Validate(string text)
    {
        const string expected = "expected nqn.YYYY-MM.REVERSE-DOMAIN:NAME, such as nqn.2026-11.com.example:disk1";
        if (!text.StartsWith("nqn.", StringComparison.Ordinal))
            return $"it does not begin with 'nqn.'; {expected}";
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return $"it is longer than {MaxBytes} bytes";
        foreach (char c in text)
        {
            if (char.IsControl(c) || char.IsWhiteSpace(c))
                return "it holds a space or a control character";
        }
        ReadOnlySpan<char> rest = text.AsSpan(4);
        bool dated = rest.Length > 8 && char.IsAsciiDigit(rest[0]) && char.IsAsciiDigit(rest[1]) && char.IsAsciiDigit(rest[2])
            && char.IsAsciiDigit(rest[3]) && rest[4] == '-' && char.IsAsciiDigit(rest[5]) && char.IsAsciiDigit(rest[6]) && rest[7] == '.';
        return dated ? null : expected;
    }
}
