using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ManagedNvmet.Announcing.Dns;

/// <summary>A record of a message.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Type">What it says.</param>
/// <param name="Class">1 for the internet.</param>
/// <param name="IsUnique">No other host has a record of this name and type: who keeps others forgets them (the cache-flush bit).</param>
/// <param name="TimeToLive">Seconds that it may be kept; 0 takes it back.</param>
/// <param name="Data">Its data; names in it are not compressed.</param>
internal sealed record DnsRecord(DnsName Name, DnsType Type, ushort Class, bool IsUnique, uint TimeToLive, ReadOnlyMemory<byte> Data)
{
    /// <summary>The class of everything here.</summary>
    public const ushort Internet = 1;

    /// <summary>How long names of hosts and what depends on them may be kept, as RFC 6762 recommends.</summary>
    public const uint HostSeconds = 120;

    /// <summary>How long other records may be kept.</summary>
    public const uint OtherSeconds = 4500;

    public static DnsRecord Pointer(DnsName name, DnsName target) =>
        new(name, DnsType.Pointer, Internet, IsUnique: false, OtherSeconds, target.Wire.ToArray());

    public static DnsRecord Service(DnsName name, int port, DnsName host)
    {
        var data = new byte[6 + host.Wire.Length];
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), (ushort)port);
        host.Wire.CopyTo(data.AsSpan(6));
        return new DnsRecord(name, DnsType.Service, Internet, IsUnique: true, HostSeconds, data);
    }

    /// <exception cref="ArgumentException">A text is longer than 255 bytes.</exception>
    public static DnsRecord Text(DnsName name, IEnumerable<string> texts)
    {
        List<byte> data = [];
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            if (bytes.Length > byte.MaxValue)
                throw new ArgumentException($"A text has {bytes.Length} bytes, expected at most {byte.MaxValue}.", nameof(texts));
            data.Add((byte)bytes.Length);
            data.AddRange(bytes);
        }

        // A record without a text is not allowed; one empty text says the same.
        if (data.Count == 0)
            data.Add(0);
        return new DnsRecord(name, DnsType.Text, Internet, IsUnique: true, OtherSeconds, data.ToArray());
    }

    public static DnsRecord Address(DnsName name, IPAddress address) => new(
        name,
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa,
        Internet,
        IsUnique: true,
        HostSeconds,
        address.GetAddressBytes());

    /// <summary>Says that a name has records of these types, all below 256, and of no other.</summary>
    public static DnsRecord Types(DnsName name, params ReadOnlySpan<DnsType> types)
    {
        Span<byte> map = stackalloc byte[32];
        int length = 0;
        foreach (DnsType type in types)
        {
            map[(int)type / 8] |= (byte)(0x80 >> ((int)type % 8));
            length = Math.Max(length, ((int)type / 8) + 1);
        }
        byte[] data = [.. name.Wire, 0, (byte)length, .. map[..length]];
        return new DnsRecord(name, DnsType.NextSecure, Internet, IsUnique: true, HostSeconds, data);
    }

    /// <summary>The same name, type, class and data; how long it may be kept does not matter.</summary>
    public bool IsSame(DnsRecord other) => Type == other.Type && Class == other.Class && Name.Equals(other.Name) && HasDataOf(other);

    /// <summary>Records are ordered by class, type and data when two hosts want one name at the same time.</summary>
    public int CompareTo(DnsRecord other)
    {
        int order = Class.CompareTo(other.Class);
        if (order == 0)
            order = ((ushort)Type).CompareTo((ushort)other.Type);
        return order != 0 ? order : Data.Span.SequenceCompareTo(other.Data.Span);
    }

    private bool HasDataOf(DnsRecord other) => Type is DnsType.Pointer or DnsType.Service
        ? DnsName.EqualsIgnoringCase(Data.Span, other.Data.Span)
        : Data.Span.SequenceEqual(other.Data.Span);
}
