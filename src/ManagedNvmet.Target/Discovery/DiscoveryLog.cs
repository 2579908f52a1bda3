using System.Globalization;
using System.Text;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Discovery;

/// <summary>The Discovery log page (LID 70h) as one host sees it over one connection: immutable, and written piece by piece, so that
/// no part of it is ever held as bytes.</summary>
internal sealed class DiscoveryLog
{
    private const byte TransportTypeTcp = 3;
    private const byte NvmSubsystem = 2;
    private const byte CurrentDiscoverySubsystem = 3;

    // TREQ: no secure channel is needed (TSC 10b), and SQ flow control may be disabled (bit 2).
    private const byte TransportRequirements = 0x06;

    // EFLAGS of the entries about this discovery subsystem: every one leads to the same content (DUPRETINFO), and a host may stay
    // connected (EPCSD).
    private const ushort DiscoveryFlags = 0x03;

    private readonly Nqn discoveryNqn;
    private readonly Nqn[] subsystems;
    private readonly DiscoveryAddress[] addresses;
    private readonly int adminQueueEntries;

    /// <param name="generation">GENCTR.</param>
    /// <param name="discoveryNqn">The name of the discovery subsystem.</param>
    /// <param name="subsystems">The NVM subsystems that the host may use.</param>
    /// <param name="addresses">Where they are reached.</param>
    /// <param name="adminQueueEntries">ASQSZ, at least 32.</param>
    public DiscoveryLog(ulong generation, Nqn discoveryNqn, Nqn[] subsystems, DiscoveryAddress[] addresses, int adminQueueEntries)
    {
        Generation = generation;
        this.discoveryNqn = discoveryNqn;
        this.subsystems = subsystems;
        this.addresses = addresses;
        this.adminQueueEntries = adminQueueEntries;
    }

    /// <summary>GENCTR.</summary>
    public ulong Generation { get; }

    /// <summary>NUMREC: every subsystem, this one first, at every address.</summary>
    public int RecordCount => (subsystems.Length + 1) * addresses.Length;

    /// <summary>Bytes of the page: the header and the entries.</summary>
    public ulong LengthBytes => (ulong)(RecordCount + 1) * DiscoveryEntry.Size;

    /// <summary>Fills the destination with the page from <paramref name="offset"/> on, and with zeros beyond its end.</summary>
    /// <returns>Invalid Field when the offset is beyond the end, or no multiple of 4.</returns>
    public NvmeStatus Read(ulong offset, Span<byte> destination)
    {
        if (offset > LengthBytes || (offset & 3) != 0)
            return NvmeStatus.InvalidField;
        Span<byte> block = stackalloc byte[DiscoveryEntry.Size];
        while (!destination.IsEmpty && offset < LengthBytes)
        {
            var index = (int)(offset / DiscoveryEntry.Size);
            var skipped = (int)(offset % DiscoveryEntry.Size);
            if (index == 0)
                WriteHeader(block);
            else
                WriteEntry(block, index - 1);
            int copied = Math.Min(DiscoveryEntry.Size - skipped, destination.Length);
            block.Slice(skipped, copied).CopyTo(destination);
            destination = destination[copied..];
            offset += (ulong)copied;
        }
        destination.Clear();
        return NvmeStatus.Success;
    }

    private void WriteHeader(Span<byte> block)
    {
        block.Clear();
        ref DiscoveryHeader header = ref WireStruct.Begin<DiscoveryHeader>(block);
        header.Generation = Generation;
        header.RecordCount = (ulong)RecordCount;
    }

    private void WriteEntry(Span<byte> block, int index)
    {
        block.Clear();
        int subsystem = index / addresses.Length;
        DiscoveryAddress address = addresses[index % addresses.Length];
        bool isSelf = subsystem == 0;

        ref DiscoveryEntry entry = ref WireStruct.Begin<DiscoveryEntry>(block);
        entry.TransportType = TransportTypeTcp;
        entry.AddressFamily = address.AddressFamily;
        entry.SubsystemType = isSelf ? CurrentDiscoverySubsystem : NvmSubsystem;
        entry.TransportRequirements = TransportRequirements;
        entry.PortId = address.PortId;
        entry.ControllerId = Fabrics.ConnectFields.DynamicControllerId;
        entry.AdminQueueEntries = (ushort)Math.Min(adminQueueEntries, ushort.MaxValue);
        entry.Flags = isSelf ? DiscoveryFlags : (ushort)0;

        WritePadded(block.Slice(DiscoveryEntry.ServiceIdOffset, DiscoveryEntry.ServiceIdBytes),
            address.TcpPort.ToString(CultureInfo.InvariantCulture));
        (isSelf ? discoveryNqn : subsystems[subsystem - 1]).WriteField(block.Slice(DiscoveryEntry.SubsystemNqnOffset, Nqn.FieldBytes));
        WritePadded(block.Slice(DiscoveryEntry.AddressOffset, DiscoveryEntry.AddressBytes), address.Address.ToString());
    }

    private static void WritePadded(Span<byte> field, string text)
    {
        field.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, field);
    }
}
