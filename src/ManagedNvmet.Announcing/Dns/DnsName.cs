using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ManagedNvmet.Announcing.Dns;

/// <summary>A domain name in uncompressed wire format: each label follows its length byte, and a zero byte ends the name. Comparison
/// ignores the case of ASCII letters.</summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>Maximum length of a name in bytes of wire format, including the zero byte at its end.</summary>
    public const int MaxBytes = 255;

    /// <summary>Maximum length of a label in bytes, without its length byte.</summary>
    public const int MaxLabelBytes = 63;

    private const int HeaderBytes = 12;
    private const int PointerMark = 0xC0;

    private readonly byte[] _wire;
    private readonly int _hash;

    private DnsName(ReadOnlySpan<byte> wire)
    {
        _wire = wire.ToArray();
        var code = new HashCode();
        foreach (byte each in wire)
            code.Add(Lower(each));
        _hash = code.ToHashCode();
    }

    /// <summary>The name in uncompressed wire format.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>True for the root, which has no labels.</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>Creates a name from labels. A label may contain any character, also dots.</summary>
    /// <exception cref="ArgumentException">A label is empty or too long, or the name is too long.</exception>
    public static DnsName Of(params ReadOnlySpan<string> labels)
    {
        Span<byte> wire = stackalloc byte[MaxBytes];
        int length = 0;
        foreach (string label in labels)
        {
            int bytes = Encoding.UTF8.GetByteCount(label);
            if (bytes is 0 or > MaxLabelBytes || length + bytes + 2 > MaxBytes)
            {
                throw new ArgumentException(
                    $"The label has {bytes} bytes after {length} bytes of the name; expected 1 to {MaxLabelBytes} bytes for a label and at "
                    + $"most {MaxBytes} for the name.");
            }
            wire[length++] = (byte)bytes;
            length += Encoding.UTF8.GetBytes(label, wire[length..]);
        }
        wire[length++] = 0;
        return new DnsName(wire[..length]);
    }

    /// <summary>Reads a name from a message and expands its compression. Returns false when the name is malformed.</summary>
    /// <param name="message">The whole message, because compression pointers refer to offsets in it.</param>
    /// <param name="position">Offset of the name. After success, the offset of the first byte behind it.</param>
    /// <param name="name">The name.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int position, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[MaxBytes];
        int length = 0;
        int at = position;
        int end = -1;

        // Follows a pointer only to an offset below all offsets read so far, so that pointers cannot form a loop.
        int lowest = position;
        while (at < message.Length)
        {
            int first = message[at];
            if ((first & PointerMark) == PointerMark)
            {
                if (at + 2 > message.Length)
                    return false;
                int target = ((first & ~PointerMark) << 8) | message[at + 1];
                if (target >= lowest || target < HeaderBytes)
                    return false;
                if (end < 0)
                    end = at + 2;
                lowest = at = target;
                continue;
            }
            if (first > MaxLabelBytes)
                return false;
            if (first == 0)
            {
                wire[length++] = 0;
                position = end < 0 ? at + 1 : end;
                name = new DnsName(wire[..length]);
                return true;
            }
            if (at + 1 + first > message.Length || length + 1 + first >= MaxBytes)
                return false;
            message.Slice(at, 1 + first).CopyTo(wire[length..]);
            length += 1 + first;
            at += 1 + first;
        }
        return false;
    }

    /// <summary>Returns the name without its first label. The parent of the root is the root.</summary>
    public DnsName Parent() => IsRoot ? this : new DnsName(_wire.AsSpan(1 + _wire[0]));

    public bool Equals(DnsName? other) => other is not null && _hash == other._hash && EqualsIgnoringCase(_wire, other._wire);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode() => _hash;

    /// <summary>Returns the labels separated by dots. Escapes dots, backslashes and bytes outside printable ASCII.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (int at = 0; _wire[at] != 0; at += 1 + _wire[at])
        {
            foreach (byte each in _wire.AsSpan(at + 1, _wire[at]))
            {
                if (each is (byte)'.' or (byte)'\\')
                    text.Append('\\').Append((char)each);
                else if (each is >= 0x20 and < 0x7F)
                    text.Append((char)each);
                else
                    text.Append(CultureInfo.InvariantCulture, $"\\{each:D3}");
            }
            text.Append('.');
        }
        return text.Length == 0 ? "." : text.ToString();
    }

    /// <summary>Returns true when the bytes are equal except for the case of ASCII letters. It may compare wire format, because length
    /// bytes are at most 63 and letters are above 63.</summary>
    internal static bool EqualsIgnoringCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
            return false;
        for (int index = 0; index < left.Length; index++)
        {
            if (Lower(left[index]) != Lower(right[index]))
                return false;
        }
        return true;
    }

    private static byte Lower(byte each) => each is >= (byte)'A' and <= (byte)'Z' ? (byte)(each | 0x20) : each;
}
