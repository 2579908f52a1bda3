using System.Buffers.Binary;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Identify;

/// <summary>Namespace Identification Descriptor list (CNS 03h): the identifiers of the namespace.</summary>
public sealed class NamespaceDescriptorsPage : IdentifyPage
{
    private const byte Eui64Type = 1;
    private const byte NguidType = 2;
    private const byte UuidType = 3;
    private const byte CommandSetType = 4;
    private const int HeaderBytes = 4;

    /// <inheritdoc/>
    public override byte Cns => 0x03;

    /// <inheritdoc/>
    public override string Name => "Namespace Identification Descriptor list";

    /// <inheritdoc/>
    public override NvmeStatus Fill(CommandContext context, Span<byte> page)
    {
        page.Clear();
        if (context.Controller!.View.Find(context.Entry.NamespaceId) is not { } found)
            return NvmeStatus.InvalidNamespace;
        Fill(page, found.Namespace.Identity);
        return NvmeStatus.Success;
    }

    internal static void Fill(Span<byte> page, NamespaceIdentity identity)
    {
        page.Clear();
        Span<byte> rest = page;

        // The byte order of RFC 4122, which is the order of the text form.
        identity.Uuid.TryWriteBytes(Begin(ref rest, UuidType, 16), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt128BigEndian(Begin(ref rest, NguidType, 16), identity.Nguid);
        BinaryPrimitives.WriteUInt64BigEndian(Begin(ref rest, Eui64Type, 8), identity.Eui64);
        Begin(ref rest, CommandSetType, 1)[0] = CommandSets.Nvm;
    }

    private static Span<byte> Begin(ref Span<byte> rest, byte type, byte length)
    {
        rest[0] = type;
        rest[1] = length;
        Span<byte> identifier = rest.Slice(HeaderBytes, length);
        rest = rest[(HeaderBytes + length)..];
        return identifier;
    }
}
