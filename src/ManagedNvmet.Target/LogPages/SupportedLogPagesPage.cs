using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Supported Log Pages (LID 00h): a dword for each of the 256 identifiers. It is made from <see cref="LogPageTable"/>.</summary>
public sealed class SupportedLogPagesPage : LogPage
{
    internal const byte Id = 0x00;
    internal const int PageBytes = 256 * 4;
    private const uint Supported = 1;
    private const int SpecificShift = 16;

    /// <inheritdoc/>
    public override byte LogPageId => Id;

    /// <inheritdoc/>
    public override string Name => "Supported Log Pages";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[PageBytes];
        Fill(bytes, context.Controller!.IsDiscovery);
        return Copy(bytes, offset, destination);
    }

    internal static void Fill(Span<byte> bytes, bool isDiscovery)
    {
        bytes.Clear();
        Span<U32> byId = MemoryMarshal.Cast<byte, U32>(bytes);
        foreach (LogPage page in LogPageTable.All)
        {
            if (page.IsAvailable(isDiscovery))
                byId[page.LogPageId] = Supported | ((uint)page.SupportedParameters << SpecificShift);
        }
    }
}
