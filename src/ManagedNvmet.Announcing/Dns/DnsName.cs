using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ManagedNvmet.Announcing.Dns;

/// <summary>A domain name in its wire form without compression: labels, each behind its length, and a zero. Letters of ASCII are equal in
/// both cases.</summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>Bytes of the longest name, its last zero included.</summary>
    public const int MaxBytes = 255;

    /// <summary>Bytes of the longest label.</summary>
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

    /// <summary>The labels, each behind its length, and the last zero.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>The root has no more labels.</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>A name of labels, which may hold any character.</summary>
    /// <exception cref="ArgumentException">A label is empty or too long, or all are.</exception>
    public static DnsName Of(params ReadOnlySpan<string> labels)
    {
        Span<byte> wire = stackalloc byte[MaxBytes];
        int length = 0;
        foreach (string label in labels)
        {
            int bytes = Encoding.UTF8.GetByteCount(label);
            if (bytes is 0 or > MaxLabelBytes || length + bytes + 2 > MaxBytes)
                throw new ArgumentException($"The label has {bytes} bytes after {length}, expected 1 to {MaxLabelBytes} and {MaxBytes} in all.");
            wire[length++] = (byte)bytes;
            length += Encoding.UTF8.GetBytes(label, wire[length..]);
        }
        wire[length++] = 0;
        return new DnsName(wire[..length]);
    }

    /// <summary>Reads a name that may be compressed.</summary>
    /// <param name="message">The whole message: what is compressed points into it.</param>
    /// <param name="position">Where the name begins; then where what follows it begins. Unchanged when it cannot be read.</param>
    /// <param name="name">The name.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int position, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[MaxBytes];
        int length = 0;
        int at = position;
        int end = -1;

        // Every jump goes to before all that was read: there is no loop then, and at most as many jumps as the message has bytes.
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

    /// <summary>The name without its first label.</summary>
    public DnsName Parent() => IsRoot ? this : new DnsName(_wire.AsSpan(1 + _wire[0]));

    public bool Equals(DnsName? other) => other is not null && _hash == other._hash && EqualsIgnoringCase(_wire, other._wire);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode() => _hash;

    /// <summary>Labels behind dots; what is no letter, digit or simple sign is escaped.</summary>
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

    /// <summary>Bytes that are equal but for the case of ASCII letters. The lengths of labels are below all letters.</summary>
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
