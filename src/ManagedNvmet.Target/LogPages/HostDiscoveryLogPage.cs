using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Discovery;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Host Discovery (LID 71h): what the host that asks has registered. Of other hosts it hears nothing.</summary>
public sealed class HostDiscoveryLogPage : LogPage
{
    private const int HeaderBytes = 1024;
    private const int EntryBytes = DiscoveryLogEntry.Size + 8;

    /// <inheritdoc/>
    public override byte LogPageId => 0x71;

    /// <inheritdoc/>
    public override string Name => "Host Discovery";

    /// <inheritdoc/>
    public override bool IsForIo => false;

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        RegisteredHost? host = context.Controller!.Registrations.Find(context.Controller!.HostNqn, out ulong generation);
        int count = host?.Addresses.Length ?? 0;
        var page = new byte[HeaderBytes + count * EntryBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(page, generation);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(8), (ulong)count);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(20), (uint)page.Length);
        for (int index = 0; index < count; index++)
            Fill(page.AsSpan(HeaderBytes + index * EntryBytes, EntryBytes), host!, host!.Addresses[index]);
        return Copy(page, offset, destination);
    }

    private static void Fill(Span<byte> entry, RegisteredHost host, IPAddress address)
    {
        entry[0] = DiscoveryLogEntry.TransportTcp;
        entry[1] = (byte)(address.AddressFamily == AddressFamily.InterNetwork ? 1 : 2);
        host.Nqn.WriteField(entry.Slice(DiscoveryLogEntry.SubsystemNqnOffset, Nqn.FieldBytes));
        Span<byte> text = entry.Slice(DiscoveryLogEntry.AddressOffset, DiscoveryLogEntry.AddressBytes);
        text.Fill((byte)' ');
        Encoding.ASCII.GetBytes(address.ToString(), text);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[DiscoveryLogEntry.Size..], EntryBytes);
    }
}
