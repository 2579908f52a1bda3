using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Ports;

namespace ManagedNvmet.Target.Discovery;

/// <summary>Parses the data of a Discovery Information Management command, in which no value is trusted.</summary>
internal static class DiscoveryInformation
{
    /// <summary>The size of the header before the first entry, in bytes.</summary>
    public const int HeaderBytes = 1024;

    /// <summary>The largest number of entries, each with one address of the host.</summary>
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

    /// <summary>Parses the registration of a host.</summary>
    /// <param name="data">The header and the entries.</param>
    /// <param name="host">HOSTNQN of the Connect command. A host may register only itself.</param>
    /// <param name="hostId">HOSTID of the Connect command.</param>
    /// <param name="source">The remote address of the host. It replaces the missing address of an entry.</param>
    /// <param name="now">The time of the registration.</param>
    /// <param name="read">The registered host; null on failure.</param>
    /// <returns>Invalid Discovery Information when a field is wrong.</returns>
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

        // Reads only the length of the entry (TEL), because the target does not use the extended attributes.
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

    // The specification pads the field with spaces, but hosts pad it with zeros.
    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        string text = Encoding.Latin1.GetString(end < 0 ? field : field[..end]).Trim(' ');
        return text.Length == 0 ? "" : LogText.Escape(text);
    }
}
