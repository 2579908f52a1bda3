using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Features;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Feature Identifiers Supported and Effects (LID 12h): a dword for each of the 256 identifiers. It is made from
/// <see cref="FeatureTable"/>.</summary>
public sealed class FeatureEffectsPage : LogPage
{
    internal const byte Id = 0x12;
    internal const int PageBytes = 256 * 4;

    private const uint Supported = 1;
    private const uint NamespaceScope = 1u << 20;
    private const uint ControllerScope = 1u << 21;

    /// <inheritdoc/>
    public override byte LogPageId => Id;

    /// <inheritdoc/>
    public override string Name => "Feature Identifiers Supported and Effects";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[PageBytes];
        Fill(bytes, context.Controller!.Features);
        return Copy(bytes, offset, destination);
    }

    internal static void Fill(Span<byte> bytes, FeatureSet features)
    {
        bytes.Clear();
        Span<U32> byId = MemoryMarshal.Cast<byte, U32>(bytes);
        foreach (Feature feature in FeatureTable.All)
        {
            if (feature.IsAvailable(features))
                byId[feature.FeatureId] = Supported | (feature.IsNamespaceSpecific ? NamespaceScope : ControllerScope);
        }
    }
}
