using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Firmware Slot Information (LID 03h): one slot with the running version.</summary>
public sealed class FirmwareSlotPage : LogPage
{
    /// <inheritdoc/>
    public override byte LogPageId => 0x03;

    /// <inheritdoc/>
    public override string Name => "Firmware Slot Information";

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[FirmwareSlotData.Size];
        Fill(bytes, context.Controller!.SubsystemIdentity.FirmwareRevision);
        return Copy(bytes, offset, destination);
    }

    internal static void Fill(Span<byte> bytes, string revision)
    {
        ref FirmwareSlotData data = ref WireStruct.Begin<FirmwareSlotData>(bytes);
        data.ActiveFirmware = 1;
        AsciiField.Write(data.FirstSlotRevision, revision);
    }
}

/// <summary>The Firmware Slot Information log page, 512 bytes. The fields without a name are 0.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct FirmwareSlotData
{
    public const int Size = 512;

    /// <summary>AFI: the active slot in bits 2:0.</summary>
    [FieldOffset(0)] public byte ActiveFirmware;

    /// <summary>FRS1.</summary>
    [FieldOffset(8)] public Bytes8 FirstSlotRevision;
}
