using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ManagedNvmet.Announcing.Dns;

/// <summary>A resource record of a DNS message.</summary>
/// <param name="Name">Name that owns the record.</param>
/// <param name="Type">Record type.</param>
/// <param name="Class">Class: 1 is IN (internet).</param>
/// <param name="IsUnique">Cache-flush bit: no other host has records of this name and type, so receivers drop other cached ones.</param>
/// <param name="TimeToLive">Seconds for which receivers may cache the record; 0 withdraws it.</param>
/// <param name="Data">Record data. Names in it are not compressed.</param>
internal sealed record DnsRecord(DnsName Name, DnsType Type, ushort Class, bool IsUnique, uint TimeToLive, ReadOnlyMemory<byte> Data)
{
    /// <summary>Class IN, which all records of mDNS have.</summary>
    public const ushort Internet = 1;

    /// <summary>Time to live of records that contain or depend on a host name, in seconds, as RFC 6762 recommends.</summary>
    public const uint HostSeconds = 120;

    /// <summary>Time to live of other records, in seconds, as RFC 6762 recommends.</summary>
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

    /// <summary>Creates a TXT record.</summary>
    /// <exception cref="ArgumentException">A text is longer than 255 bytes of UTF-8.</exception>
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

        // A TXT record must have at least one string, so an empty one stands for none (RFC 6763, "DNS-SD TXT Record Size").
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

    /// <summary>Creates an NSEC record: the name has records of these types and no others. The types must be below 256.</summary>
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

    /// <summary>Returns true when name, type, class and data are equal. Ignores the time to live and the cache-flush bit.</summary>
    public bool IsSame(DnsRecord other) => Type == other.Type && Class == other.Class && Name.Equals(other.Name) && HasDataOf(other);

    /// <summary>Orders records by class, type and data. This order decides which of two hosts wins when both probe for one name at the
    /// same time (RFC 6762, "Simultaneous Probe Tiebreaking").</summary>
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
