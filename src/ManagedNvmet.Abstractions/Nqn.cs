using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ManagedNvmet;

/// <summary>An NVMe Qualified Name (NQN) of a host or of a subsystem. Comparison is ordinal and case-sensitive.</summary>
public sealed class Nqn : IEquatable<Nqn>
{
    /// <summary>Maximum length of a name in bytes of UTF-8, without the terminating NUL.</summary>
    public const int MaxBytes = 223;

    /// <summary>Size of an NQN field on the wire in bytes: the name, a terminating NUL, and NUL padding.</summary>
    public const int FieldBytes = 256;

    /// <summary>The well-known NQN of discovery subsystems.</summary>
    public static readonly Nqn Discovery = new("nqn.2014-08.org.nvmexpress.discovery");

    /// <summary>Stands for a host that sent an empty HOSTNQN. <see cref="Parse"/> refuses its text, so that no rule can name it.</summary>
    public static readonly Nqn Unnamed = new("(unnamed)");

    private Nqn(string text) => Text = text;

    /// <summary>True when the name has the form nqn.YYYY-MM.REVERSE-DOMAIN:NAME. Some hosts refuse another one.</summary>
    public bool HasStandardForm => Validate(Text) is null;

    /// <summary>The NQN as text.</summary>
    public string Text { get; }

    /// <summary>Parses a name that a person entered, such as a subsystem NQN in the configuration. Requires the form
    /// nqn.YYYY-MM.REVERSE-DOMAIN:NAME.</summary>
    /// <exception cref="FormatException">The name is invalid. The message says why and what was expected.</exception>
    public static Nqn Parse(string text) =>
        Validate(text) is { } problem ? throw new FormatException($"'{text}' is no NVMe Qualified Name: {problem}") : new Nqn(text);

    /// <summary>Parses a name that a person entered. Returns false where <see cref="Parse"/> would throw.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Nqn? nqn)
    {
        nqn = text is not null && Validate(text) is null ? new Nqn(text) : null;
        return nqn is not null;
    }

    /// <summary>Reads a name in any form that hosts and other targets use: 1 to 223 bytes of UTF-8 without control characters. A name
    /// without the form nqn.YYYY-MM.REVERSE-DOMAIN:NAME is accepted; <see cref="HasStandardForm"/> tells.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out Nqn? nqn)
    {
        nqn = null;
        Span<byte> field = stackalloc byte[FieldBytes];
        field.Clear();
        if (!Encoding.UTF8.TryGetBytes(text, field[..(FieldBytes - 1)], out _) || !TryReadField(field, out Nqn? read) || read.Text != text)
            return false;
        nqn = read;
        return true;
    }

    /// <summary>Reads a name from a 256-byte field of the Connect data. Accepts 1 to 223 bytes of valid UTF-8 without control characters,
    /// followed by a NUL. It does not check the form nqn.YYYY-MM…, because some hosts use names without it.</summary>
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

    /// <summary>Writes the name to a field of <see cref="FieldBytes"/> bytes and pads it with NULs.</summary>
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
