using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Discovery;

/// <summary>The Discovery log page (LID 70h) as one host sees it over one connection: immutable, and written piece by piece, so that
/// no part of it is ever held as bytes.</summary>
internal sealed class DiscoveryLog
{
    /// <summary>LSP and DLPF bit 0: extended entries.</summary>
    public const byte Extended = 1 << 0;

    /// <summary>LSP and DLPF bit 1: entries of the port alone that the host reached.</summary>
    public const byte PortLocal = 1 << 1;

    // TEL, NUMEXAT and two reserved bytes: no entry has extended attributes.
    private const int ExtensionBytes = 8;

    private const byte TransportTypeTcp = 3;
    private const int SecurityOffset = 768;

    // TREQ bit 2: SQ flow control may be disabled.
    private const byte DisablesFlowControl = 1 << 2;

    private readonly DiscoveryRecord[] _records;
    private readonly int _adminQueueEntries;

    /// <param name="generation">GENCTR.</param>
    /// <param name="records">The entries.</param>
    /// <param name="adminQueueEntries">ASQSZ, at least 32.</param>
    public DiscoveryLog(ulong generation, DiscoveryRecord[] records, int adminQueueEntries)
    {
        Generation = generation;
        _records = records;
        _adminQueueEntries = adminQueueEntries;
    }

    /// <summary>GENCTR.</summary>
    public ulong Generation { get; }

    /// <summary>The entries.</summary>
    public ReadOnlySpan<DiscoveryRecord> Records => _records;

    /// <summary>NUMREC.</summary>
    public int RecordCount => _records.Length;

    /// <summary>Bytes of the page: the header and the entries.</summary>
    /// <param name="flags">What the host wished for.</param>
    public ulong LengthBytes(byte flags = 0) => DiscoveryLogEntry.Size + (ulong)RecordCount * (ulong)EntryBytes(flags);

    /// <summary>Fills the destination with the page from <paramref name="offset"/> on, and with zeros beyond its end.</summary>
    /// <param name="offset">In bytes.</param>
    /// <param name="destination">Is filled whole.</param>
    /// <param name="flags">What the host wished for.</param>
    /// <returns>Invalid Field when the offset is beyond the end, or no multiple of 4.</returns>
    public NvmeStatus Read(ulong offset, Span<byte> destination, byte flags = 0)
    {
        ulong length = LengthBytes(flags);
        if (offset > length || (offset & 3) != 0)
            return NvmeStatus.InvalidField;
        int entryBytes = EntryBytes(flags);
        Span<byte> block = stackalloc byte[DiscoveryLogEntry.Size + ExtensionBytes];
        while (!destination.IsEmpty && offset < length)
        {
            scoped ReadOnlySpan<byte> part;
            if (offset < DiscoveryLogEntry.Size)
            {
                WriteHeader(block, flags);
                part = block[(int)offset..DiscoveryLogEntry.Size];
            }
            else
            {
                ulong inside = offset - DiscoveryLogEntry.Size;
                WriteEntry(block, _records[(int)(inside / (ulong)entryBytes)]);
                part = block[(int)(inside % (ulong)entryBytes)..entryBytes];
            }
            int copied = Math.Min(part.Length, destination.Length);
            part[..copied].CopyTo(destination);
            destination = destination[copied..];
            offset += (ulong)copied;
        }
        destination.Clear();
        return NvmeStatus.Success;
    }

    private static int EntryBytes(byte flags) => (flags & Extended) != 0 ? DiscoveryLogEntry.Size + ExtensionBytes : DiscoveryLogEntry.Size;

    private void WriteHeader(Span<byte> block, byte flags)
    {
        block.Clear();
        ref DiscoveryHeader header = ref WireStruct.Begin<DiscoveryHeader>(block);
        header.Generation = Generation;
        header.RecordCount = (ulong)RecordCount;
        header.PageFlags = flags;
        if ((flags & Extended) != 0)
            header.TotalLength = (uint)Math.Min(LengthBytes(flags), uint.MaxValue);
    }

    private void WriteEntry(Span<byte> block, in DiscoveryRecord record)
    {
        block.Clear();
        ref DiscoveryLogEntry entry = ref WireStruct.Begin<DiscoveryLogEntry>(block);
        entry.TransportType = TransportTypeTcp;
        entry.AddressFamily = record.AddressFamily;
        entry.SubsystemType = (byte)record.Kind;
        entry.TransportRequirements = (byte)((byte)record.SecureChannel | DisablesFlowControl);
        entry.PortId = record.PortId;
        entry.ControllerId = ConnectCommandData.DynamicControllerId;
        entry.AdminQueueEntries = (ushort)Math.Min(_adminQueueEntries, ushort.MaxValue);
        entry.Flags = record.Flags;

        WritePadded(block.Slice(DiscoveryLogEntry.ServiceIdOffset, DiscoveryLogEntry.ServiceIdBytes),
            record.TcpPort.ToString(CultureInfo.InvariantCulture));
        record.Nqn.WriteField(block.Slice(DiscoveryLogEntry.SubsystemNqnOffset, Nqn.FieldBytes));
        WritePadded(block.Slice(DiscoveryLogEntry.AddressOffset, DiscoveryLogEntry.AddressBytes), record.Address.ToString());
        block[SecurityOffset] = (byte)record.Security;
        BinaryPrimitives.WriteUInt32LittleEndian(block[DiscoveryLogEntry.Size..], DiscoveryLogEntry.Size + ExtensionBytes);
    }

    private static void WritePadded(Span<byte> field, string text)
    {
        field.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, field);
    }
}
