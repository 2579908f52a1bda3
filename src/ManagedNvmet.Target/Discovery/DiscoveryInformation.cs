using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Ports;

namespace ManagedNvmet.Target.Discovery;

/// <summary>Reads the data of a Discovery Information Management command. Every number in it is the host's.</summary>
internal static class DiscoveryInformation
{
    /// <summary>Bytes before the first entry.</summary>
    public const int HeaderBytes = 1024;

    /// <summary>Most entries, each an address of the host.</summary>
    public const int MaxEntries = 8;

    private const int EntryCountOffset = 8;
    private const int EntryFormatOffset = 16;
    private const int EntityTypeOffset = 18;
    private const int EntityOffset = 24;
    private const int NameOffset = 280;
    private const int NameBytes = 256;
    private const int VersionOffset = 536;
    private const int VersionBytes = 64;

    private const ushort BasicFormat = 1;
    private const ushort ExtendedFormat = 2;
    private const ushort HostEntity = 1;
    private const byte TransportTypeTcp = 3;
    private const int BasicBytes = 1024;
    private const int ExtensionBytes = 8;
    private const int AddressOffset = 512;
    private const int AddressBytes = 256;

    /// <summary>Reads what a host says of itself.</summary>
    /// <param name="data">What the host sent, header and entries.</param>
    /// <param name="host">HOSTNQN of its Connect: it registers itself and no other.</param>
    /// <param name="hostId">HOSTID of its Connect.</param>
    /// <param name="source">Where it is; stands for an entry without an address.</param>
    /// <param name="now">The time.</param>
    /// <param name="read">What was read.</param>
    /// <returns>Invalid Discovery Information when anything is wrong with it.</returns>
    public static NvmeStatus Read(
        ReadOnlySpan<byte> data, Nqn host, Guid hostId, IPAddress? source, DateTimeOffset now, out RegisteredHost? read)
    {
        read = null;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(data);
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(data[EntryCountOffset..]);
        ushort format = BinaryPrimitives.ReadUInt16LittleEndian(data[EntryFormatOffset..]);
        if (length < HeaderBytes || length > (uint)data.Length || count is 0 or > MaxEntries
            || format is not (BasicFormat or ExtendedFormat)
            || BinaryPrimitives.ReadUInt16LittleEndian(data[EntityTypeOffset..]) != HostEntity
            || !Nqn.TryReadField(data.Slice(EntityOffset, Nqn.FieldBytes), out Nqn? entity) || !entity.Equals(host))
        {
            return NvmeStatus.InvalidDiscoveryInformation;
        }
        ReadOnlySpan<byte> rest = data[HeaderBytes..(int)length];
        ImmutableArray<IPAddress>.Builder addresses = ImmutableArray.CreateBuilder<IPAddress>((int)count);
        for (ulong index = 0; index < count; index++)
        {
            int bytes = EntryBytes(rest, format);
            if (bytes < 0 || !TryReadAddress(rest, source, out IPAddress? address))
                return NvmeStatus.InvalidDiscoveryInformation;
            addresses.Add(address!);
            rest = rest[bytes..];
        }
        read = new RegisteredHost(host, hostId, Text(data.Slice(NameOffset, NameBytes)), Text(data.Slice(VersionOffset, VersionBytes)),
            addresses.MoveToImmutable(), now);
        return NvmeStatus.Success;
    }

    private static int EntryBytes(ReadOnlySpan<byte> rest, ushort format)
    {
        if (rest.Length < BasicBytes)
            return -1;
        if (format == BasicFormat)
            return BasicBytes;
        if (rest.Length < BasicBytes + ExtensionBytes)
            return -1;

        // TEL; the attributes themselves are not used.
        uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(rest[BasicBytes..]);
        return bytes < BasicBytes + ExtensionBytes || bytes > (uint)rest.Length || bytes % 4 != 0 ? -1 : (int)bytes;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> entry, IPAddress? source, out IPAddress? address)
    {
        address = source is null ? null : Addresses.Plain(source);
        if (entry[0] != TransportTypeTcp)
            return false;
        string text = Text(entry.Slice(AddressOffset, AddressBytes));
        if (text.Length == 0)
            return address is not null;
        AddressFamily family = entry[1] switch
        {
            1 => AddressFamily.InterNetwork,
            2 => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        return IPAddress.TryParse(text, out address) && address.AddressFamily == family;
    }

    // Padded with spaces by the specification, with zeros by hosts.
    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        string text = Encoding.Latin1.GetString(end < 0 ? field : field[..end]).Trim(' ');
        return text.Length == 0 ? "" : LogText.Escape(text);
    }
}
