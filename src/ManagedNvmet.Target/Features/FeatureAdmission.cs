using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Features;

/// <summary>The checks of Get Features and Set Features that come before any data is transferred.</summary>
internal static class FeatureAdmission
{
    private const uint SaveBit = 1u << 31;

    /// <summary>Select (SEL) of a Get Features command; 4 to 7 are reserved.</summary>
    public static FeatureSelect Select(in SubmissionEntry entry) => (FeatureSelect)((entry.Cdw10 >> 8) & 7);

    /// <summary>The feature that the command names, or null when this controller does not have it.</summary>
    public static Feature? Find(in SubmissionEntry entry, FeatureSet features) =>
        FeatureTable.All[(byte)(uint)entry.Cdw10] is { } feature && feature.IsAvailable(features) ? feature : null;

    /// <summary>Judges a Get Features command.</summary>
    /// <param name="entry">The command.</param>
    /// <param name="sglLength">Bytes that its SGL describes.</param>
    /// <param name="features">The values of the controller.</param>
    /// <param name="isActiveNamespace">NSID names an active namespace.</param>
    public static NvmeStatus CheckGet(in SubmissionEntry entry, uint sglLength, FeatureSet features, bool isActiveNamespace)
    {
        FeatureSelect select = Select(entry);
        if (Find(entry, features) is not { } feature || select > FeatureSelect.Capabilities)
            return NvmeStatus.InvalidField;

        // Only where it has a meaning: tools pass the NSID of the device node with every Get Features.
        if (feature.IsNamespaceSpecific && !isActiveNamespace && select is not FeatureSelect.Capabilities)
            return entry.NamespaceId == uint.MaxValue ? NvmeStatus.InvalidField : NvmeStatus.InvalidNamespace;

        // Capabilities come without data; a host may have a buffer for the feature's data all the same.
        int needed = feature.DataLength(entry);
        if (select is FeatureSelect.Capabilities && sglLength == 0)
            return NvmeStatus.Success;
        return sglLength == needed ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }

    /// <summary>Judges a Set Features command, but for its value.</summary>
    /// <param name="entry">The command.</param>
    /// <param name="sglLength">Bytes that its SGL describes.</param>
    /// <param name="features">The values of the controller.</param>
    /// <param name="isActiveNamespace">NSID names an active namespace.</param>
    public static NvmeStatus CheckSet(in SubmissionEntry entry, uint sglLength, FeatureSet features, bool isActiveNamespace)
    {
        if (Find(entry, features) is not { } feature)
            return NvmeStatus.InvalidField;
        if ((entry.Cdw10 & SaveBit) != 0 && !feature.IsSaveable)
            return NvmeStatus.FeatureNotSaveable;
        NvmeStatus refusal = feature.Refusal;
        if (!refusal.IsSuccess)
            return refusal;
        uint namespaceId = entry.NamespaceId;
        if (feature.IsNamespaceSpecific)
        {
            if (!isActiveNamespace && namespaceId != uint.MaxValue)
                return NvmeStatus.InvalidNamespace;
        }
        else if (namespaceId is not 0 and not uint.MaxValue)
        {
            return NvmeStatus.FeatureNotNamespaceSpecific;
        }
        return sglLength == feature.DataLength(entry) ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }
}
